package org.dormouse.sleep;

import java.lang.foreign.MemorySegment;
import java.util.function.LongFunction;
import org.dormouse.kexec.CopyListPage;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;

/**
 * What is left for the stub when the resume kernel is gone: which parked pages to copy where, and
 * which pages to zero.
 *
 * <p>It is a chain of list pages ({@link CopyListPage} has their format). The stub does each entry
 * once: copies the source to the destination and zeroes the source; or, where there is no source,
 * zeroes the destination. Last it zeroes the list pages. No source is a destination, no list page
 * is either, so that the order of the entries means nothing.
 *
 * <p>The k-th parked page, in ascending order, lies in the k-th spare page; the list pages are the
 * spare pages after these.
 */
public final class CopyList {
  /** The source of an entry that zeroes its destination. */
  private static final long ZEROES = 0;

  private final PageSet parked;
  private final PageSet spare;
  private final PageSet zero;
  private final long entries;

  /** The spare page after the last one that is parked in. */
  private final long firstPage;

  private CopyList(PageSet parked, PageSet spare, PageSet zero, long entries, long firstPage) {
    this.parked = parked;
    this.spare = spare;
    this.zero = zero;
    this.entries = entries;
    this.firstPage = firstPage;
  }

  /**
   * Sizes the list. If there are more parked than spare pages, it is sized as if there were more
   * spare pages in one run after the last.
   *
   * @param parked the pages to copy to
   * @param spare the pages to copy from and to put the list in; without page 0
   * @param zero the pages to zero
   */
  static CopyList of(PageSet parked, PageSet spare, PageSet zero) {
    long[] entries = {0};
    long firstPage = eachEntry(parked, spare, zero, (_, _, _) -> entries[0]++);
    return new CopyList(parked, spare, zero, entries[0], firstPage);
  }

  /** How many entries the list has. */
  public long entries() {
    return entries;
  }

  /** How many list pages it takes: none if there is nothing to do. */
  public long pages() {
    return Math.ceilDiv(entries, CopyListPage.CAPACITY);
  }

  /**
   * Writes the list into its pages.
   *
   * @param page gives, for the PFN of a list page, its memory, {@link Pages#SIZE} bytes
   * @return the physical address, in bytes, of the first list page; 0 if there is nothing to do
   */
  public long write(LongFunction<MemorySegment> page) {
    if (entries == 0) {
      return 0;
    }
    eachEntry(parked, spare, zero, new Writer(page));
    return Pages.address(firstPage);
  }

  /** Takes one entry: PFNs, the source 0 if the destination is to be zeroed, and a page count. */
  private interface EntrySink {
    void add(long source, long destination, long pages);
  }

  /** Goes through the entries; returns the first spare page that none of them uses. */
  private static long eachEntry(PageSet parked, PageSet spare, PageSet zero, EntrySink sink) {
    long free = eachCopy(parked, spare, sink);
    long start = zero.next(0);
    while (start < zero.limit()) {
      long end = zero.nextAbsent(start);
      sink.add(ZEROES, start, end - start);
      start = zero.next(end);
    }
    return free;
  }

  private static long eachCopy(PageSet parked, PageSet spare, EntrySink sink) {
    long source = spare.next(0);
    long sourceEnd = spareEnd(spare, source);
    long destination = parked.next(0);
    while (destination < parked.limit()) {
      long destinationEnd = parked.nextAbsent(destination);
      while (destination < destinationEnd) {
        long pages = Math.min(destinationEnd - destination, sourceEnd - source);
        sink.add(source, destination, pages);
        destination += pages;
        source += pages;
        if (source == sourceEnd) {
          source = spare.next(source);
          sourceEnd = spareEnd(spare, source);
        }
      }
      destination = parked.next(destinationEnd);
    }
    return source;
  }

  /** The end of the run of spare pages; past the last spare page there is no end. */
  private static long spareEnd(PageSet spare, long start) {
    return start < spare.limit() ? spare.nextAbsent(start) : Long.MAX_VALUE;
  }

  private final class Writer implements EntrySink {
    private final LongFunction<MemorySegment> memory;
    private CopyListPage page;
    private long next;
    private long pagesLeft;

    Writer(LongFunction<MemorySegment> memory) {
      this.memory = memory;
      next = firstPage;
      pagesLeft = pages();
      page = nextPage();
    }

    @Override
    public void add(long source, long destination, long pages) {
      if (page.isFull()) {
        page = nextPage();
      }
      PageRange range = new PageRange(destination, destination + pages);
      if (source == ZEROES) {
        page.addZeros(range);
      } else {
        page.addCopy(source, range);
      }
    }

    private CopyListPage nextPage() {
      MemorySegment here = memory.apply(next);
      pagesLeft--;
      next = pagesLeft == 0 ? 0 : spare.next(next + 1);
      return CopyListPage.begin(here, Pages.address(next));
    }
  }
}
