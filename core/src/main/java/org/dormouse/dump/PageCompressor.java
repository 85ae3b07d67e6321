package org.dormouse.dump;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.zip.Deflater;
import org.dormouse.codec.Codec;
import org.dormouse.codec.Compressor;
import org.dormouse.codec.Zstd;
import org.dormouse.memory.Pages;

/** Makes pages shorter, one by one: for one thread, used again and again. */
sealed interface PageCompressor extends AutoCloseable {
  /** What a page may become at worst. */
  long MOST_BYTES = Zstd.bound(Pages.SIZE);

  /**
   * Compresses a page.
   *
   * @param page native memory
   * @param target native memory of {@link #MOST_BYTES}
   * @return how many bytes it became, 0 if it did not become shorter
   */
  int compress(MemorySegment page, MemorySegment target);

  @Override
  void close();

  /** Leaves pages as they are. */
  final class None implements PageCompressor {
    @Override
    public int compress(MemorySegment page, MemorySegment target) {
      return 0;
    }

    @Override
    public void close() {}
  }

  /** As {@code compress2} of zlib: with its header and checksum. */
  final class Zlib implements PageCompressor {
    private final Deflater deflater = new Deflater(Deflater.BEST_SPEED);

    @Override
    public int compress(MemorySegment page, MemorySegment target) {
      ByteBuffer out = target.asSlice(0, Pages.SIZE - 1).asByteBuffer();
      deflater.reset();
      deflater.setInput(page.asByteBuffer());
      deflater.finish();
      int length = deflater.deflate(out);
      return deflater.finished() ? length : 0;
    }

    @Override
    public void close() {
      deflater.end();
    }
  }

  /** Zstandard at its lowest level, as makedumpfile: a page has not much to find. */
  final class Zstandard implements PageCompressor {
    private final Arena arena = Arena.ofConfined();
    private final Compressor compressor = new Codec.OfZstd(Zstd.LOWEST_LEVEL).compressor(arena);

    @Override
    public int compress(MemorySegment page, MemorySegment target) {
      int length = compressor.compress(page, target);
      return length < Pages.SIZE ? length : 0;
    }

    @Override
    public void close() {
      arena.close();
    }
  }
}
