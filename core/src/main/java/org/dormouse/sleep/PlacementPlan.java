package org.dormouse.sleep;

import java.lang.foreign.Arena;
import java.util.List;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;
import org.dormouse.memory.RankedPages;

/**
 * Where each page of an image goes while the resume kernel is still there, and what is left for the
 * stub.
 *
 * <ul>
 *   <li><b>Placed</b>: a page of the image whose frame is locked goes straight there.
 *   <li><b>Parked</b>: a page of the image whose frame the resume kernel itself occupies goes into
 *       a <i>spare</i> page, one that is locked and that the image does not want; the stub copies
 *       it and zeroes the spare page.
 *   <li><b>Zero-filled</b>: a page of RAM that is not in the image was all zeroes. If it is locked
 *       it is zero already, as the kernel hands out zeroed memory; else the stub zeroes it.
 * </ul>
 *
 * <p>The k-th parked page goes into the k-th spare page, both ascending. So the plan has no table:
 * it is bitmaps, with a count for each 4096 pages. Pure: made of what was observed, changes
 * nothing. Safe for concurrent use if the arena is shared.
 */
public final class PlacementPlan {
  private final PageSet image;
  private final RankedPages parked;
  private final RankedPages spare;
  private final CopyList copyList;
  private final Counts counts;

  private PlacementPlan(
      PageSet image, RankedPages parked, RankedPages spare, CopyList copyList, Counts counts) {
    this.image = image;
    this.parked = parked;
    this.spare = spare;
    this.copyList = copyList;
    this.counts = counts;
  }

  /**
   * What the machine's memory is, apart from what is in the image and what is locked.
   *
   * @param ram the RAM of the original kernel
   * @param keep what the original kernel restores itself when it is jumped to: the saver region and
   *     low memory. May hold anything at the jump
   * @param stub the pages that the stub, its page tables and its stack will be loaded to; each
   *     range inside one of {@code keep}
   */
  public record Memory(List<PageRange> ram, List<PageRange> keep, List<PageRange> stub) {
    /**
     * Copies the lists.
     *
     * @throws IllegalArgumentException if the stub lies in memory that has to be right at the jump
     */
    public Memory {
      ram = List.copyOf(ram);
      keep = List.copyOf(keep);
      stub = List.copyOf(stub);
      for (PageRange range : stub) {
        if (keep.stream().noneMatch(kept -> kept.contains(range))) {
          throw new IllegalArgumentException("stub " + range + " is not inside any of " + keep);
        }
      }
    }
  }

  /**
   * The plan in figures, all in pages but {@code entries}.
   *
   * @param placed pages of the image that go straight into their frame
   * @param parked pages of the image that the stub copies
   * @param zeroFilled pages that the stub zeroes, apart from those it has copied from
   * @param listPages what the list for the stub takes
   * @param spare pages that could be parked in or hold the list, used or not
   * @param entries entries of the list
   */
  public record Counts(
      long placed, long parked, long zeroFilled, long listPages, long spare, long entries) {
    /** How many pages the image has. */
    public long image() {
      return placed + parked;
    }
  }

  /**
   * Makes the plan.
   *
   * @param arena owns the plan, {@link #bytesFor} bytes of it
   * @param image the pages of the image; must not change as long as the plan is in use
   * @param locked the locked pages, {@link LockedPages#pages}, with the same limit as {@code image}
   * @param memory the rest; its RAM ends at or below that limit
   * @throws PlacementException if there are not enough spare pages
   * @throws IllegalArgumentException if a page of the image is not RAM, or is one of the stub's
   */
  public static PlacementPlan of(Arena arena, PageSet image, PageSet locked, Memory memory)
      throws PlacementException {
    checkImage(image, memory);
    RankedPages parked = RankedPages.of(arena, parked(arena, image, locked));
    RankedPages spare = RankedPages.of(arena, spare(arena, image, locked, memory));
    PageSet zero = zero(arena, image, locked, memory);
    CopyList list = CopyList.of(parked.pages(), spare.pages(), zero);
    long needed = parked.count() + list.pages();
    if (needed > spare.count()) {
      throw new PlacementException(needed, spare.count());
    }
    Counts counts =
        new Counts(
            image.count() - parked.count(),
            parked.count(),
            zero.count(),
            list.pages(),
            spare.count(),
            list.entries());
    return new PlacementPlan(image, parked, spare, list, counts);
  }

  /**
   * How much memory, in bytes, a plan takes at most: what must be left unlocked for it.
   *
   * @param limit the PFN after the last page of memory
   */
  public static long bytesFor(long limit) {
    long bitmap = limit / Byte.SIZE + Long.BYTES;
    long ranks = limit / Pages.SIZE * Long.BYTES + Long.BYTES;
    return 3 * bitmap + 2 * ranks;
  }

  /** The plan in figures. */
  public Counts counts() {
    return counts;
  }

  /** What is left for the stub. */
  public CopyList copyList() {
    return copyList;
  }

  /**
   * A new cursor that tells where each page of the image is to be written. For one thread; there
   * may be many.
   *
   * @param locked what the plan was made of
   */
  public PlacementCursor cursor(LockedPages locked) {
    return new PlacementCursor(image, parked, spare, locked);
  }

  private static void checkImage(PageSet image, Memory memory) {
    long inRam = memory.ram.stream().mapToLong(image::countIn).sum();
    if (inRam != image.count()) {
      throw new IllegalArgumentException(
          image.count() - inRam + " pages of the image are not RAM: " + memory.ram);
    }
    if (memory.stub.stream().anyMatch(range -> image.countIn(range) > 0)) {
      throw new IllegalArgumentException("the stub is inside the image: " + memory.stub);
    }
  }

  private static PageSet parked(Arena arena, PageSet image, PageSet locked) {
    PageSet parked = image.copy(arena);
    parked.removeAll(locked);
    return parked;
  }

  private static PageSet spare(Arena arena, PageSet image, PageSet locked, Memory memory) {
    PageSet spare = locked.copy(arena);
    spare.removeAll(image);
    removeAll(spare, memory.stub);
    // Address 0 has a meaning in the list. The kernel never hands out page 0.
    removeAll(spare, List.of(new PageRange(0, 1)));
    return spare;
  }

  private static PageSet zero(Arena arena, PageSet image, PageSet locked, Memory memory) {
    PageSet zero = PageSet.of(arena, image.limit(), memory.ram);
    zero.removeAll(image);
    zero.removeAll(locked);
    removeAll(zero, memory.keep);
    return zero;
  }

  private static void removeAll(PageSet pages, List<PageRange> ranges) {
    PageRange all = new PageRange(0, pages.limit());
    for (PageRange range : ranges) {
      pages.remove(range.intersect(all));
    }
  }
}
