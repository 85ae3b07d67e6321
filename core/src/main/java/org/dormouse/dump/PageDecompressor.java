package org.dormouse.dump;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.dormouse.codec.Zstd;
import org.dormouse.memory.Pages;

/** Makes pages out of what {@link PageCompressor} and makedumpfile made of them: for one thread. */
final class PageDecompressor implements AutoCloseable {
  private final Inflater inflater = new Inflater();
  private final byte[] beyond = new byte[1];
  private final Arena arena = Arena.ofShared();
  private final Zstd.Decompressor zstd = new Zstd.Decompressor(arena);

  /**
   * Undoes zlib.
   *
   * @return whether it gave exactly a page
   */
  boolean zlib(MemorySegment from, MemorySegment page) {
    ByteBuffer target = page.asByteBuffer();
    inflater.reset();
    inflater.setInput(from.asByteBuffer());
    try {
      return inflater.inflate(target) == Pages.SIZE && (inflater.finished() || isAtEnd());
    } catch (DataFormatException e) {
      return false;
    }
  }

  /** The checksum behind the last byte may not have been looked at yet. */
  private boolean isAtEnd() throws DataFormatException {
    return inflater.inflate(beyond) == 0 && inflater.finished();
  }

  /**
   * Undoes Zstandard.
   *
   * @return whether it gave exactly a page
   */
  boolean zstd(MemorySegment from, MemorySegment page) {
    return zstd.decompress(from, page) == Pages.SIZE;
  }

  @Override
  public void close() {
    arena.close();
    inflater.end();
  }
}
