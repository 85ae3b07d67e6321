package org.dormouse.dump;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.dormouse.codec.Comparison;
import org.dormouse.memory.Frames;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;

/**
 * Writes ELF cores as {@code /proc/vmcore} and makedumpfile have them: what crash, drgn, gdb,
 * libkdumpfile and makedumpfile read.
 *
 * <p>Pages of zeros are holes of the file. So are pages that were left out in between, but for long
 * runs of them: there a load ends, and has more memory than contents ({@link CoreLayout}). Threads
 * share the work; each page has its fixed place. The header is written last: until then the file is
 * no ELF core. Besides the bitmaps, memory is bounded by the number of loads.
 */
public final class ElfCoreWriter {
  private final CoreContents contents;
  private final LongConsumer progress;
  private final OutputFile file;
  private final CoreLayout layout;

  private ElfCoreWriter(
      CoreContents contents, LongConsumer progress, OutputFile file, CoreLayout layout) {
    this.contents = contents;
    this.progress = progress;
    this.file = file;
    this.layout = layout;
  }

  /**
   * Writes a file.
   *
   * @param path where there is no file yet; after an error there is none either
   * @param threads that write, 1 or more
   * @param progress is told, by any thread, how many further pages have been written
   * @throws IOException if memory cannot be read, or the file not be written
   */
  public static void write(CoreContents contents, Path path, int threads, LongConsumer progress)
      throws IOException, InterruptedException {
    CoreLayout layout = CoreLayout.of(contents);
    try (OutputFile file = OutputFile.create(path)) {
      new ElfCoreWriter(contents, progress, file, layout).write(threads);
      file.finish();
    }
  }

  private void write(int threads) throws IOException, InterruptedException {
    PageSet zero = contents.presence().zero();
    PageWalk walk = new PageWalk(contents.presence().stored(), 0);
    WorkerThreads.run(threads, walk, () -> work(walk));
    progress.accept(zero.count());
    file.extendTo(layout.fileBytes());
    file.write(layout.headerBytes(), MemorySegment.ofArray(contents.description().notes()));
    file.write(0, layout.headers());
  }

  private void work(PageWalk walk) throws IOException, PageWalk.Stopped {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment zeroPage = arena.allocate(Pages.SIZE);
      for (Optional<PageWalk.Batch> next = walk.next(); next.isPresent(); next = walk.next()) {
        PageRange span = next.get().span();
        PageSet stored = contents.presence().stored();
        long pfn = stored.next(span.start());
        while (pfn < span.end()) {
          long run = stored.runFrom(pfn, span.end() - pfn);
          writeRun(new PageRange(pfn, pfn + run), zeroPage);
          pfn = stored.next(pfn + run);
        }
        progress.accept(next.get().count());
      }
    }
  }

  /** Writes pages that neighbour each other in memory, and so in the file, without zero pages. */
  private void writeRun(PageRange run, MemorySegment zeroPage) throws IOException {
    long place = layout.offsetOf(run.start());
    try (Frames.Lease lease = contents.frames().lease(run)) {
      MemorySegment memory = lease.memory();
      long start = 0;
      for (long at = 0; at < memory.byteSize(); at += Pages.SIZE) {
        if (Comparison.startsWith(memory.asSlice(at, Pages.SIZE), zeroPage)) {
          file.write(place + start, memory.asSlice(start, at - start));
          start = at + Pages.SIZE;
        }
      }
      file.write(place + start, memory.asSlice(start, memory.byteSize() - start));
    }
  }
}
