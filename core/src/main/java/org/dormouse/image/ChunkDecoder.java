package org.dormouse.image;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.dormouse.codec.Lz4;
import org.dormouse.codec.Zstd;
import org.dormouse.memory.Pages;

/** What one worker does when an image is read: it checks chunks and fills frames with them. */
final class ChunkDecoder {
  private final Arena arena;
  private final ImageProgress progress;
  private final MemorySegment scratch;
  private final WindowPages pages = new WindowPages();
  private final ChunkGuard guard;
  private MemorySegment opened = MemorySegment.NULL;
  private long scattered;
  private Optional<Zstd.Decompressor> zstd = Optional.empty();

  /**
   * A decoder.
   *
   * @param guard closed by whoever made it
   */
  ChunkDecoder(Arena arena, ChunkGuard guard, ImageProgress progress) {
    this.arena = arena;
    this.guard = guard;
    this.progress = progress;
    this.scratch = arena.allocate(WindowPages.BYTES, Pages.SIZE);
  }

  /** Checks a chunk and fills its frames. */
  void decode(RunBuffer run, int chunk, WindowFrames frames) throws IOException {
    long begun = begin(run, chunk);
    long window = IndexEntry.window(run.entries(), RunBuffer.at(chunk));
    if (codec(run, chunk) == IndexEntry.ZERO) {
      frames.each(window, pages, this::zero);
      progress.spent(ImageProgress.Stage.PLACE, begun);
    } else {
      open(run, chunk);
      int first = pages.next(0);
      if (pages.nextAbsent(first) == pages.last() + 1) {
        frames.each(window, pages, (memory, start, end) -> decompress(run, chunk, memory));
        progress.spent(ImageProgress.Stage.DECOMPRESS, begun);
      } else {
        MemorySegment contents = contents(run, chunk);
        begun = progress.spent(ImageProgress.Stage.DECOMPRESS, begun);
        scattered = 0;
        frames.each(window, pages, (memory, start, end) -> scatter(contents, memory, start, end));
        progress.spent(ImageProgress.Stage.PLACE, begun);
      }
    }
    end();
  }

  /** Checks a chunk with contents and copies its pages to their places in a window. */
  void decode(RunBuffer run, int chunk, MemorySegment window) throws ImageFormatException {
    begin(run, chunk);
    open(run, chunk);
    scattered = 0;
    scatter(contents(run, chunk), window, 0, WindowPages.COUNT);
  }

  /** Checks a chunk and that it decompresses to its pages. */
  void check(RunBuffer run, int chunk) throws IOException {
    long begun = begin(run, chunk);
    if (codec(run, chunk) != IndexEntry.ZERO) {
      open(run, chunk);
      contents(run, chunk);
    }
    progress.spent(ImageProgress.Stage.DECOMPRESS, begun);
    end();
  }

  private long begin(RunBuffer run, int chunk) {
    IndexEntry.pages(run.entries(), RunBuffer.at(chunk), pages);
    return System.nanoTime();
  }

  private void end() {
    int count = pages.count();
    progress.looked(count);
    progress.moved(count);
  }

  /** Checks a chunk's stored bytes, and opens them if they are sealed. */
  private void open(RunBuffer run, int chunk) throws ImageFormatException {
    int at = RunBuffer.at(chunk);
    long word = IndexEntry.checksum(run.entries(), at);
    long window = IndexEntry.window(run.entries(), at);
    MemorySegment stored = run.stored(chunk);
    PieceCipher.Verdict verdict = guard.check(word, window, pages, codec(run, chunk), stored);
    if (verdict != PieceCipher.Verdict.GOOD) {
      throw ImageFormatException.of(
          verdict, Damage.CHUNK_DAMAGED, where(run, chunk, "are not what was written"));
    }
    opened = stored.asSlice(0, stored.byteSize() - guard.extraBytes());
  }

  /** The chunk's pages back to back, valid until the next chunk. */
  private MemorySegment contents(RunBuffer run, int chunk) throws ImageFormatException {
    if (codec(run, chunk) == IndexEntry.RAW) {
      return opened;
    }
    MemorySegment target = scratch.asSlice(0, Pages.address(pages.count()));
    decompress(run, chunk, target);
    return target;
  }

  private void decompress(RunBuffer run, int chunk, MemorySegment target)
      throws ImageFormatException {
    long length =
        switch (codec(run, chunk)) {
          case IndexEntry.RAW -> copy(opened, target);
          case IndexEntry.LZ4 -> Lz4.decompress(opened, target);
          default -> zstd().decompress(opened, target);
        };
    if (length != target.byteSize()) {
      throw damaged(run, chunk, "do not decompress to its pages");
    }
  }

  private static long copy(MemorySegment source, MemorySegment target) {
    target.copyFrom(source);
    return source.byteSize();
  }

  /** Made when it is needed: few images do. */
  private Zstd.Decompressor zstd() {
    if (zstd.isEmpty()) {
      zstd = Optional.of(new Zstd.Decompressor(arena));
    }
    return zstd.get();
  }

  private void scatter(MemorySegment contents, MemorySegment memory, int start, int end) {
    for (int from = pages.next(start), to; from < end; from = pages.next(to)) {
      to = pages.nextAbsent(from);
      long bytes = Pages.address(to - from);
      MemorySegment.copy(contents, scattered, memory, Pages.address(from - start), bytes);
      scattered += bytes;
    }
  }

  private void zero(MemorySegment memory, int start, int end) {
    for (int from = start, to; from < end; from = pages.next(to)) {
      to = pages.nextAbsent(from);
      memory.asSlice(Pages.address(from - start), Pages.address(to - from)).fill((byte) 0);
    }
  }

  private static int codec(RunBuffer run, int chunk) {
    return IndexEntry.codec(run.entries(), RunBuffer.at(chunk));
  }

  private ImageFormatException damaged(RunBuffer run, int chunk, String how) {
    return new ImageFormatException(Damage.CHUNK_DAMAGED, where(run, chunk, how));
  }

  private String where(RunBuffer run, int chunk, String how) {
    int at = RunBuffer.at(chunk);
    long window = IndexEntry.window(run.entries(), at);
    long offset = IndexEntry.offset(run.entries(), at);
    return String.format(
        "bytes %d to %d of the store, a chunk of %d pages in PFN %#x to %#x, %s",
        offset,
        offset + IndexEntry.length(run.entries(), at) - 1,
        pages.count(),
        window + pages.next(0),
        window + pages.last(),
        how);
  }
}
