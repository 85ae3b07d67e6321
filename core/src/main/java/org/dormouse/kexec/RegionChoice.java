package org.dormouse.kexec;

import java.util.Comparator;
import java.util.Optional;
import java.util.stream.LongStream;
import org.dormouse.boot.BzImage;
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
   * What is known of the pages of the running kernel. What lies past a set's limit is not in it.
   *
   * @param free the free pages
   * @param lru page cache and anonymous memory: what {@code kpageflags} calls LRU
   * @param barred pages with a memory error, which nobody may read ({@code HWPOISON}), and those
   *     that another region has already
   */
  public record Pageflags(PageSet free, PageSet lru, PageSet barred) {}

  /** Who can start the saver in the region at a power-on. */
  public enum Start {
    /** A boot loader too: the kernel prefers to be where the region begins. */
    DIRECT,
    /** Only another kernel, with kexec. */
    THROUGH_KEXEC
  }

  /**
   * A place for the saver region.
   *
   * @param region whole 2 MiB, in one range of RAM between {@link #LOWEST} and {@link #LIMIT},
   *     without a barred page
   * @param start who can start the saver there
   */
  public record Place(PageRange region, Start start) {}

  /**
   * The place at which a boot loader puts the kernel, if the region can begin there. Otherwise, of
   * all places, the one with the fewest pages that are neither free nor LRU, among those with the
   * fewest free pages, among those the lowest.
   *
   * <p>Pages of other kinds may be buffers of devices, and a device without a driver may go on
   * writing. Few free pages, because a free page in the region cannot hold what is swapped out of
   * it, and because each one that the allocator hands to {@code kexec_load} costs a walk over a
   * list ({@code kimage_alloc_page} in {@code kernel/kexec_core.c}). The running kernel's text and
   * data may lie in the region: they are swapped out like all else.
   *
   * @param pages the size of the region, above 0; it is rounded up to whole 2 MiB
   * @return nothing if there is no such place
   */
  public static Optional<Place> choose(
      MemoryMap map, BzImage kernel, Pageflags pageflags, long pages) {
    if (pages <= 0) {
      throw new IllegalArgumentException("a region of " + pages + " pages");
    }
    long size = Math.ceilDiv(pages, BLOCK);
    Sums barred = Sums.of(pageflags.barred());
    LongStream starts =
        map.ram().stream()
            .map(RegionChoice::blocksWithin)
            .flatMapToLong(blocks -> LongStream.rangeClosed(blocks.start(), blocks.end() - size))
            .filter(start -> barred.in(start, size) == 0);
    long direct = directBlock(kernel);
    long[] places = starts.toArray();
    if (LongStream.of(places).anyMatch(start -> start == direct)) {
      return Optional.of(new Place(region(direct, size), Start.DIRECT));
    }
    Sums free = Sums.of(pageflags.free());
    Sums lru = Sums.of(pageflags.lru());
    return LongStream.of(places)
        .filter(start -> start > direct)
        .boxed()
        .min(
            Comparator.comparingLong((Long start) -> -free.in(start, size) - lru.in(start, size))
                .thenComparingLong(start -> free.in(start, size))
                .thenComparing(Comparator.naturalOrder()))
        .map(start -> new Place(region(start, size), Start.THROUGH_KEXEC));
  }

  /**
   * Where the region lies if a boot loader is to start the saver: it begins where the kernel
   * prefers to be.
   *
   * @param pages the size of the region; it is rounded up to whole 2 MiB
   */
  public static PageRange directRegion(BzImage kernel, long pages) {
    return region(directBlock(kernel), Math.ceilDiv(pages, BLOCK));
  }

  private static long directBlock(BzImage kernel) {
    return Math.ceilDiv(Math.max(LOWEST, kernel.lowestAddress()), Pages.LARGE_SIZE);
  }

  private static PageRange region(long firstBlock, long blocks) {
    return new PageRange(firstBlock * BLOCK, (firstBlock + blocks) * BLOCK);
  }

  /** The blocks that lie wholly in the range and in [LOWEST, LIMIT), by number. */
  private static PageRange blocksWithin(PageRange ram) {
    long first = Math.max(FIRST_BLOCK, Math.ceilDiv(ram.start(), BLOCK));
    long end = Math.min(BLOCKS, ram.end() / BLOCK);
    return new PageRange(first, Math.max(first, end));
  }

  /** How many pages of a set lie in the first i blocks, for every i. */
  private static final class Sums {
    private final int[] before;

    private Sums(int[] before) {
      this.before = before;
    }

    static Sums of(PageSet pages) {
      int[] before = new int[BLOCKS + 1];
      for (int block = 0; block < BLOCKS; block++) {
        before[block + 1] = before[block] + (int) pages.countIn(region(block, 1));
      }
      return new Sums(before);
    }

    int in(long start, long size) {
      return before[(int) (start + size)] - before[(int) start];
    }
  }
}
