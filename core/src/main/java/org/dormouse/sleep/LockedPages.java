package org.dormouse.sleep;

import java.lang.foreign.Arena;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;

/**
 * The pages that this process holds locked: which page frames, and at which virtual address each
 * can be written.
 *
 * <p>Kept off the heap as extents of pages that are neighbours both physically and virtually, 24
 * bytes each, so that its size grows with fragmentation only. Never changes once built; safe for
 * concurrent use if the arena is shared.
 */
public final class LockedPages {
  private static final long NONE = -1;

  private final LockedPagesTable extents;
  private final long count;

  private LockedPages(LockedPagesTable extents, long count) {
    this.extents = extents;
    this.count = count;
  }

  /**
   * Starts a table.
   *
   * @param arena owns the extents
   */
  public static Builder builder(Arena arena) {
    return new Builder(arena);
  }

  /** Collects what {@code /proc/self/pagemap} says. For one thread. */
  public static final class Builder {
    private final LockedPagesTable extents;

    private Builder(Arena arena) {
      extents = new LockedPagesTable(arena);
    }

    /**
     * Adds a run of locked pages. Runs given in the order of their virtual addresses are joined
     * where they continue each other.
     *
     * @param virtualAddress of the first page, in bytes, a multiple of the page size
     * @param pfn of the first page, 1 or more: the kernel hides the PFNs (shows 0) from those
     *     without {@code CAP_SYS_ADMIN}, and page 0 is never handed out
     * @param pages how many, 1 or more
     * @throws IllegalArgumentException if one of these is not so
     */
    public Builder append(long virtualAddress, long pfn, long pages) {
      if (virtualAddress != Pages.alignDown(virtualAddress, Pages.SIZE) || pfn < 1 || pages < 1) {
        throw new IllegalArgumentException(
            String.format("not locked pages: %d from PFN %d at 0x%x", pages, pfn, virtualAddress));
      }
      long last = extents.rows() - 1;
      if (last >= 0
          && extents.end(last) == pfn
          && extents.address(last) + Pages.address(extents.pages(last)) == virtualAddress) {
        extents.setPages(last, extents.pages(last) + pages);
      } else {
        extents.append(virtualAddress, pfn, pages);
      }
      return this;
    }

    /**
     * Sorts what was added. The builder must not be used any more.
     *
     * @throws IllegalArgumentException if a page was added twice: it is shared, as the kernel's
     *     zero page is where memory was never written, and so not ours
     */
    public LockedPages build() {
      extents.sortByPfn();
      long count = 0;
      for (long row = 0; row < extents.rows(); row++) {
        if (row > 0 && extents.pfn(row) < extents.end(row - 1)) {
          throw new IllegalArgumentException(
              "page " + extents.pfn(row) + " is at two addresses: shared, not locked for us alone");
        }
        count += extents.pages(row);
      }
      return new LockedPages(extents, count);
    }
  }

  /** How many pages are locked. */
  public long count() {
    return count;
  }

  /** How many extents the table has: 24 bytes each. */
  public long extents() {
    return extents.rows();
  }

  /** The PFN after the last locked page; 0 without any. */
  public long limit() {
    return extents.rows() == 0 ? 0 : extents.end(extents.rows() - 1);
  }

  /** Whether page {@code pfn} is locked. */
  public boolean contains(long pfn) {
    return extentOf(pfn) != NONE;
  }

  /**
   * The virtual address, in bytes, of page {@code pfn}.
   *
   * @throws IllegalArgumentException if the page is not locked
   */
  public long addressOf(long pfn) {
    long extent = extentOf(pfn);
    if (extent == NONE) {
      throw new IllegalArgumentException("page " + pfn + " is not locked");
    }
    return extents.address(extent) + Pages.address(pfn - extents.pfn(extent));
  }

  /**
   * How many pages from {@code pfn} on follow each other both physically and virtually, at most
   * {@code max}; 0 if {@code pfn} is not locked.
   */
  public long runFrom(long pfn, long max) {
    long extent = extentOf(pfn);
    return extent == NONE ? 0 : Math.min(max, extents.end(extent) - pfn);
  }

  /**
   * The locked pages as a set of pages in {@code [0, limit)}; those at or past the limit are left
   * out.
   *
   * @param arena owns the set
   */
  public PageSet pages(Arena arena, long limit) {
    PageSet pages = PageSet.empty(arena, limit);
    PageRange all = new PageRange(0, limit);
    for (long row = 0; row < extents.rows(); row++) {
      pages.add(new PageRange(extents.pfn(row), extents.end(row)).intersect(all));
    }
    return pages;
  }

  /** Whether {@code other} holds exactly the same pages at the same addresses. */
  public boolean sameAs(LockedPages other) {
    return count == other.count && movedBy(other) == 0;
  }

  /**
   * How many of these pages are, {@code later}, not locked any more or at another address: what has
   * to be 0 before the jump, as each of them would wake with the wrong content.
   */
  public long movedBy(LockedPages later) {
    long stayed = 0;
    long row = 0;
    long other = 0;
    while (row < extents.rows() && other < later.extents.rows()) {
      long overlap =
          Math.min(extents.end(row), later.extents.end(other))
              - Math.max(extents.pfn(row), later.extents.pfn(other));
      if (overlap > 0 && origin(row) == later.origin(other)) {
        stayed += overlap;
      }
      if (extents.end(row) <= later.extents.end(other)) {
        row++;
      } else {
        other++;
      }
    }
    return count - stayed;
  }

  /** Where page 0 would be if the extent reached so far; the same for pages that have not moved. */
  private long origin(long row) {
    return extents.address(row) - Pages.address(extents.pfn(row));
  }

  /** The row of the extent that holds page {@code pfn}, or {@link #NONE}. */
  private long extentOf(long pfn) {
    long low = 0;
    long high = extents.rows();
    while (low < high) {
      long middle = (low + high) >>> 1;
      if (extents.end(middle) <= pfn) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low < extents.rows() && extents.pfn(low) <= pfn ? low : NONE;
  }
}
