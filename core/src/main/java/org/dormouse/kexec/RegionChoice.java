package org.dormouse.kexec;

import java.util.List;
import java.util.Optional;
import org.dormouse.memory.MemoryMap;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;

/** Where the saver region goes. */
public final class RegionChoice {
  /**
   * No kernel runs below: {@code LOAD_PHYSICAL_ADDR}, 16 MiB with every usual configuration ({@code
   * CONFIG_PHYSICAL_START}). In bytes.
   */
  public static final long LOWEST = 16L << 20;

  /** The saver's devices may have 32-bit DMA only, and all that it has is the region. In bytes. */
  public static final long LIMIT = 4L << 30;

  private static final long BLOCK = Pages.LARGE_SIZE >>> Pages.SHIFT;
  private static final long FIRST_BLOCK = LOWEST / Pages.LARGE_SIZE;
  private static final int BLOCKS = (int) (LIMIT / Pages.LARGE_SIZE);

  private RegionChoice() {}

  /**
   * The best place for the saver region: starts at a multiple of 2 MiB, lies within one range of
   * RAM between {@link #LOWEST} and {@link #LIMIT}, touches nothing in {@code avoid}, and has the
   * fewest free pages of all such places, the lowest if there are several.
   *
   * <p>Few free pages, because a free page in the region cannot hold what is swapped out of it, and
   * because each one that the allocator hands to {@code kexec_load} costs a walk over a list
   * ({@code kimage_alloc_page} in {@code kernel/kexec_core.c}).
   *
   * @param avoid the running kernel's text and data, and what else must stay where it is
   * @param free the free pages; what lies past the set's limit counts as in use
   * @param pages the size of the region, above 0; it is rounded up to whole 2 MiB
   * @return nothing if there is no such place
   */
  public static Optional<PageRange> choose(
      MemoryMap map, List<PageRange> avoid, PageSet free, long pages) {
    if (pages <= 0) {
      throw new IllegalArgumentException("a region of " + pages + " pages");
    }
    long size = Math.ceilDiv(pages, BLOCK);
    long[] freeBefore = sums(freeByBlock(free));
    long[] barredBefore = sums(barredBlocks(avoid));
    Optional<PageRange> best = Optional.empty();
    long fewest = Long.MAX_VALUE;
    for (PageRange ram : map.ram()) {
      PageRange blocks = blocksWithin(ram);
      for (int at = (int) blocks.start(); at + size <= blocks.end(); at++) {
        int end = (int) (at + size);
        long freePages = freeBefore[end] - freeBefore[at];
        if (barredBefore[end] == barredBefore[at] && freePages < fewest) {
          fewest = freePages;
          best = Optional.of(new PageRange(at * BLOCK, end * BLOCK));
        }
      }
    }
    return best;
  }

  /** The blocks that lie wholly in the range and in [LOWEST, LIMIT), by number. */
  private static PageRange blocksWithin(PageRange ram) {
    long first = Math.max(FIRST_BLOCK, Math.ceilDiv(ram.start(), BLOCK));
    long end = Math.min(BLOCKS, ram.end() / BLOCK);
    return new PageRange(first, Math.max(first, end));
  }

  private static long[] freeByBlock(PageSet free) {
    long[] count = new long[BLOCKS];
    PageRange all = new PageRange(0, BLOCKS * BLOCK);
    for (PageRange run = free.nextRun(0); run.overlaps(all); run = free.nextRun(run.end())) {
      PageRange rest = run.intersect(all);
      while (!rest.isEmpty()) {
        int block = (int) (rest.start() / BLOCK);
        long end = Math.min(rest.end(), (block + 1) * BLOCK);
        count[block] += end - rest.start();
        rest = new PageRange(end, rest.end());
      }
    }
    return count;
  }

  private static long[] barredBlocks(List<PageRange> avoid) {
    long[] barred = new long[BLOCKS];
    for (PageRange range : avoid) {
      if (!range.isEmpty()) {
        long end = Math.min(BLOCKS, Math.ceilDiv(range.end(), BLOCK));
        for (long block = range.start() / BLOCK; block < end; block++) {
          barred[(int) block] = 1;
        }
      }
    }
    return barred;
  }

  /** {@code sums[i]} is the sum of the first i values. */
  private static long[] sums(long[] values) {
    long[] sums = new long[values.length + 1];
    for (int i = 0; i < values.length; i++) {
      sums[i + 1] = sums[i] + values[i];
    }
    return sums;
  }
}
