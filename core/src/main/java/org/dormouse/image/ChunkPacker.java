package org.dormouse.image;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;

/** What one worker does when an image is written: window by window, it makes chunks of memory. */
final class ChunkPacker {
  /** The size of the buffer of zeros that pages are compared with: small enough for a cache. */
  static final int ZERO_BYTES = 64 << 10;

  private final Ring<PackedRun> ring;
  private final ImageProgress progress;
  private final MemorySegment zeros;
  private final MemorySegment gathered;
  private final Codec codec;
  private final WindowPages pages = new WindowPages();
  private PackedRun run;

  /** Takes its first buffer out of {@code ring}, which has one for each worker. */
  ChunkPacker(Arena arena, Ring<PackedRun> ring, MemorySegment zeros, ImageProgress progress)
      throws InterruptedException, Ring.Stopped {
    this.ring = ring;
    this.progress = progress;
    this.zeros = zeros;
    this.codec = new Codec(arena);
    this.gathered = arena.allocate(WindowPages.BYTES, Pages.SIZE);
    this.run = ring.takeEmpty();
  }

  /**
   * Packs those of {@code range}, pages of one window, that are not all zero.
   *
   * @param memory the pages from {@code base} on
   * @param base the PFN of the first page of {@code memory}
   */
  void pack(PageRange range, MemorySegment memory, long base)
      throws InterruptedException, Ring.Stopped {
    long window = Pages.alignDown(range.start(), WindowPages.COUNT);
    MemorySegment bytes =
        memory.asSlice(Pages.address(range.start() - base), Pages.address(range.count()));
    int shift = (int) (range.start() - window);

    long start = System.nanoTime();
    findPages(bytes, shift);
    progress.looked(range.count());
    int count = pages.count();
    if (count == 0) {
      progress.spent(ImageProgress.Stage.SCAN, start);
      return;
    }
    MemorySegment source = together(bytes, shift);
    progress.spent(ImageProgress.Stage.SCAN, start);
    reserve(Codec.packedBound(source.byteSize()));
    start = System.nanoTime();
    add(window, source);
    progress.moved(count);
    progress.spent(ImageProgress.Stage.COMPRESS, start);
  }

  /** Hands on what has been packed and not yet handed on. */
  void finish() {
    if (!run.isEmpty()) {
      ring.putFull(run);
    }
  }

  /**
   * Finds the pages that are not all zero. After a zero page more are compared at once, twice as
   * many each time: memory is mostly one or the other for long stretches.
   */
  private void findPages(MemorySegment bytes, int shift) {
    pages.clear();
    long span = Pages.SIZE;
    for (long at = 0; at < bytes.byteSize(); ) {
      long compared = Math.min(span, bytes.byteSize() - at);
      if (Codec.same(bytes.asSlice(at, compared), zeros)) {
        at += compared;
        span = Math.min(2 * span, zeros.byteSize());
      } else if (compared > Pages.SIZE) {
        span = Pages.SIZE;
      } else {
        pages.add(shift + (int) Pages.pfn(at));
        at += Pages.SIZE;
      }
    }
  }

  /** The pages that were found, back to back: where they lie if they do so there, else a copy. */
  private MemorySegment together(MemorySegment bytes, int shift) {
    int first = pages.next(0);
    int end = pages.nextAbsent(first);
    if (pages.next(end) == WindowPages.COUNT) {
      return slice(bytes, first - shift, end - first);
    }
    long filled = 0;
    for (int from = first; from < WindowPages.COUNT; from = pages.next(end)) {
      end = pages.nextAbsent(from);
      MemorySegment part = slice(bytes, from - shift, end - from);
      MemorySegment.copy(part, 0, gathered, filled, part.byteSize());
      filled += part.byteSize();
    }
    return gathered.asSlice(0, filled);
  }

  private void add(long window, MemorySegment source) {
    MemorySegment target = run.free();
    int packed = codec.pack(source, target);
    if (packed < source.byteSize()) {
      run.add(window, pages, packed, Codec.LZ4);
    } else {
      target.copyFrom(source);
      run.add(window, pages, (int) source.byteSize(), Codec.RAW);
    }
  }

  private void reserve(long bytes) throws InterruptedException, Ring.Stopped {
    if (!run.hasRoom(bytes)) {
      ring.putFull(run);
      run = ring.takeEmpty();
    }
  }

  private static MemorySegment slice(MemorySegment bytes, int page, int count) {
    return bytes.asSlice(Pages.address(page), Pages.address(count));
  }
}
