package org.dormouse.image;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.dormouse.codec.Codec;
import org.dormouse.codec.Comparison;
import org.dormouse.codec.Compressor;
import org.dormouse.codec.Lz4;
import org.dormouse.codec.Zstd;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;

/** What one worker does when an image is written: window by window, it makes chunks of frames. */
final class ChunkEncoder {
  /** The size of the buffer of zeros that pages are compared with: small enough for a cache. */
  static final int ZERO_BYTES = 64 << 10;

  private final BufferPool<RunBuffer> pool;
  private final ImageProgress progress;
  private final MemorySegment zeros;
  private final MemorySegment gathered;
  private final Compressor compressor;
  private final int codec;
  private final PipelineSize.Compression compression;
  private final ChunkGuard guard;
  private final WindowPages wanted = new WindowPages();
  private final WindowPages saved = new WindowPages();
  private RunBuffer run;
  private boolean compressing;
  private long gatheredBytes;
  private long comparedBytes = Pages.SIZE;

  /**
   * An encoder.
   *
   * @param run its first buffer; further ones are taken from {@code pool}
   * @param zeros {@link #ZERO_BYTES} of zeros
   * @param guard closed by whoever made it
   */
  ChunkEncoder(
      Arena arena,
      BufferPool<RunBuffer> pool,
      RunBuffer run,
      MemorySegment zeros,
      PipelineSize size,
      ChunkGuard guard,
      ImageProgress progress) {
    this.pool = pool;
    this.run = run;
    this.zeros = zeros;
    this.progress = progress;
    this.guard = guard;
    this.compressor = size.codec().compressor(arena);
    this.codec =
        switch (size.codec()) {
          case Codec.OfLz4 _ -> IndexEntry.LZ4;
          case Codec.OfZstd _ -> IndexEntry.ZSTD;
        };
    this.compression = size.compression();
    this.gathered = arena.allocate(WindowPages.BYTES, Pages.SIZE);
  }

  /** Encodes the pages of {@code pages} that lie in the window that begins at {@code window}. */
  void encode(long window, PageSet pages, WindowFrames frames)
      throws IOException, InterruptedException, BufferPool.Stopped {
    wanted.set(pages, window);
    int count = wanted.count();
    long bytes = Pages.address(count);
    reserve(Math.max(Lz4.bound(bytes), Zstd.bound(bytes)) + guard.extraBytes());
    saved.clear();
    gatheredBytes = 0;
    compressing =
        switch (compression) {
          case ALWAYS -> true;
          case NEVER -> false;
          case WHILE_STORE_IS_BEHIND -> pool.isEmptierBehind();
        };
    frames.each(window, wanted, (memory, start, end) -> encode(window, memory, start, end));
    if (gatheredBytes != 0) {
      if (compressing) {
        compress(window, gathered.asSlice(0, gatheredBytes));
      } else {
        run.add(window, saved, (int) gatheredBytes, IndexEntry.RAW, guard);
      }
    }
    progress.looked(count);
    int savedCount = saved.count();
    if (savedCount != 0) {
      progress.moved(savedCount);
    }
    wanted.removeAll(saved);
    if (savedCount != count) {
      run.addZero(window, wanted);
    }
  }

  /** Encodes the pages of {@code pages} in that window as zero, without a look at them. */
  void encodeZeros(long window, PageSet pages) throws InterruptedException, BufferPool.Stopped {
    wanted.set(pages, window);
    reserve(0);
    run.addZero(window, wanted);
    progress.looked(wanted.count());
  }

  /** Hands on what has been encoded and not yet handed on. */
  void finish() {
    if (!run.isEmpty()) {
      pool.putFull(run);
    }
  }

  private void encode(long window, MemorySegment memory, int start, int end) {
    long begun = System.nanoTime();
    for (int from = start, to; from < end; from = wanted.next(to)) {
      to = wanted.nextAbsent(from);
      findSaved(memory, start, from, to);
    }
    int first = saved.next(start);
    if (first >= end) {
      progress.spent(ImageProgress.Stage.SCAN, begun);
      return;
    }
    int firstEnd = saved.nextAbsent(first);
    if (compressing
        && gatheredBytes == 0
        && wanted.last() < end
        && saved.next(firstEnd) == WindowPages.COUNT) {
      // All in one piece: no need to copy it.
      progress.spent(ImageProgress.Stage.SCAN, begun);
      compress(window, slice(memory, first - start, firstEnd - first));
      return;
    }
    gather(memory, start, end, compressing ? gathered : run.free());
    progress.spent(ImageProgress.Stage.SCAN, begun);
  }

  /**
   * Finds the pages of {@code [from, to)} that are not all zero. After a zero page more are
   * compared at once, twice as many each time: memory is mostly one or the other for long
   * stretches.
   *
   * @param base the number of the first page of {@code memory}
   */
  private void findSaved(MemorySegment memory, int base, int from, int to) {
    long at = Pages.address(from - base);
    long end = Pages.address(to - base);
    while (at < end) {
      long compared = Math.min(comparedBytes, end - at);
      // Most pages that hold something begin with it, and a call takes longer than a look.
      if (compared == Pages.SIZE && memory.get(ValueLayout.JAVA_LONG_UNALIGNED, at) != 0) {
        saved.add(base + (int) Pages.pfn(at));
        at += Pages.SIZE;
      } else if (Comparison.startsWith(zeros, memory.asSlice(at, compared))) {
        at += compared;
        comparedBytes = Math.min(2 * comparedBytes, ZERO_BYTES);
      } else if (compared > Pages.SIZE) {
        comparedBytes = Pages.SIZE;
      } else {
        comparedBytes = Pages.SIZE;
        saved.add(base + (int) Pages.pfn(at));
        at += Pages.SIZE;
      }
    }
  }

  private void gather(MemorySegment memory, int start, int end, MemorySegment target) {
    for (int from = saved.next(start), to; from < end; from = saved.next(to)) {
      to = saved.nextAbsent(from);
      long bytes = Pages.address(to - from);
      MemorySegment.copy(memory, Pages.address(from - start), target, gatheredBytes, bytes);
      gatheredBytes += bytes;
    }
  }

  /** Adds the chunk of all saved pages, whose contents are {@code source}. */
  private void compress(long window, MemorySegment source) {
    long begun = System.nanoTime();
    MemorySegment target = run.free();
    int length = compressor.compress(source, target);
    if (length < source.byteSize()) {
      run.add(window, saved, length, codec, guard);
    } else {
      MemorySegment.copy(source, 0, target, 0, source.byteSize());
      run.add(window, saved, (int) source.byteSize(), IndexEntry.RAW, guard);
    }
    progress.spent(ImageProgress.Stage.COMPRESS, begun);
  }

  private void reserve(long bytes) throws InterruptedException, BufferPool.Stopped {
    pool.checkRunning();
    if (!run.hasRoom(bytes)) {
      pool.putFull(run);
      run = pool.takeEmpty();
    }
  }

  private static MemorySegment slice(MemorySegment bytes, int page, int count) {
    return bytes.asSlice(Pages.address(page), Pages.address(count));
  }
}
