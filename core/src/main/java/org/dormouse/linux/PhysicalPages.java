package org.dormouse.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;

/**
 * Which page frames lie behind virtual memory, and which are free. Needs root: without it the
 * kernel shows zeros.
 *
 * <p>Formats: {@code Documentation/admin-guide/mm/pagemap.rst}.
 */
public final class PhysicalPages {
  /** Takes one run of pages that neighbour each other both in virtual and in physical memory. */
  @FunctionalInterface
  public interface RunSink {
    /**
     * Takes a run.
     *
     * @param address virtual address of its first page
     * @param pfn its first page frame
     * @param pages how many pages
     */
    void run(long address, long pfn, long pages);
  }

  private static final Path PAGEMAP = Path.of("/proc/self/pagemap");
  private static final Path FLAGS = Path.of("/proc/kpageflags");
  private static final long PRESENT = 1L << 63;
  private static final long PFN_MASK = (1L << 55) - 1;

  // KPF_BUDDY, KPF_LRU, KPF_HWPOISON: include/uapi/linux/kernel-page-flags.h
  private static final int FREE = 10;
  private static final int LRU = 5;
  private static final int POISONED = 19;

  private static final int BATCH = 1 << 16;

  private PhysicalPages() {}

  /**
   * Tells {@code sink} the frames behind {@code memory}, in virtual order.
   *
   * @throws IOException if a page is not present, or the kernel hides the frames
   */
  public static void translate(MemorySegment memory, RunSink sink) throws IOException {
    long runAddress = 0;
    long runPfn = -1;
    long runPages = 0;
    try (Arena arena = Arena.ofConfined();
        FileChannel pagemap = FileChannel.open(PAGEMAP, StandardOpenOption.READ)) {
      MemorySegment batch = arena.allocate((long) BATCH * Long.BYTES, Long.BYTES);
      long pages = Pages.holding(memory.byteSize());
      for (long done = 0; done < pages; done += BATCH) {
        int count = (int) Math.min(BATCH, pages - done);
        long address = memory.address() + Pages.address(done);
        readEntries(pagemap, Pages.pfn(address), batch, count);
        for (int i = 0; i < count; i++) {
          long entry = batch.getAtIndex(ValueLayout.JAVA_LONG, i);
          long pfn = entry & PFN_MASK;
          if ((entry & PRESENT) == 0 || pfn == 0) {
            throw new IOException(
                (entry & PRESENT) == 0
                    ? "locked memory is not present"
                    : PAGEMAP + " hides page frames: this needs root (CAP_SYS_ADMIN)");
          }
          if (pfn == runPfn + runPages) {
            runPages++;
          } else {
            if (runPages > 0) {
              sink.run(runAddress, runPfn, runPages);
            }
            runAddress = address + Pages.address(i);
            runPfn = pfn;
            runPages = 1;
          }
        }
      }
    }
    if (runPages > 0) {
      sink.run(runAddress, runPfn, runPages);
    }
  }

  /**
   * Adds the pages of {@code range} to the sets that they belong to.
   *
   * @param free takes those that the page allocator has free
   * @param lru takes page cache and anonymous memory
   * @param poisoned takes those with a memory error
   */
  public static void addFlagged(PageRange range, PageSet free, PageSet lru, PageSet poisoned)
      throws IOException {
    try (Arena arena = Arena.ofConfined();
        FileChannel flags = FileChannel.open(FLAGS, StandardOpenOption.READ)) {
      MemorySegment batch = arena.allocate((long) BATCH * Long.BYTES, Long.BYTES);
      long[] bits = new long[BATCH];
      for (long pfn = range.start(); pfn < range.end(); pfn += BATCH) {
        int count = (int) Math.min(BATCH, range.end() - pfn);
        readEntries(flags, pfn, batch, count);
        MemorySegment.copy(batch, ValueLayout.JAVA_LONG, 0, bits, 0, count);
        addRuns(bits, count, 1L << FREE, pfn, free);
        addRuns(bits, count, 1L << LRU, pfn, lru);
        addRuns(bits, count, 1L << POISONED, pfn, poisoned);
      }
    }
  }

  /** Adds the pages with this flag, {@code first} being that of the first bits. */
  private static void addRuns(long[] bits, int count, long flag, long first, PageSet pages) {
    int start = 0;
    while (start < count) {
      int end = start;
      while (end < count && (bits[end] & flag) != 0) {
        end++;
      }
      if (end > start) {
        pages.add(new PageRange(first + start, first + end));
      }
      start = end + 1;
    }
  }

  private static void readEntries(FileChannel file, long index, MemorySegment target, int count)
      throws IOException {
    ByteBuffer buffer =
        target.asSlice(0, (long) count * Long.BYTES).asByteBuffer().order(ByteOrder.nativeOrder());
    long offset = index * Long.BYTES;
    while (buffer.hasRemaining()) {
      int read = file.read(buffer, offset);
      if (read <= 0) {
        throw new IOException("page table entries end at index " + offset / Long.BYTES);
      }
      offset += read;
    }
  }
}
