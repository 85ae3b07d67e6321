package org.dormouse.sleep;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.function.LongFunction;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;

/**
 * What is left for the stub when the resume kernel is gone: which parked pages to copy where, and
 * which pages to zero.
 *
 * <p>It is a chain of list pages, each of {@link Pages#SIZE} bytes, all fields 64 bits wide and
 * little-endian:
 *
 * <pre>
 *    0  next     physical address of the next list page, 0 in the last
 *    8  count    entries in this page, at most {@value #ENTRIES_PER_PAGE}
 *   16  entries  { source, destination: physical addresses in bytes; pages: how many }
 * </pre>
 *
 * <p>The stub does each entry once: copies {@code pages} pages from source to destination and
 * zeroes the source; or, where the source is 0, zeroes the destination. Last it zeroes the list
 * pages. No source is a destination, no list page is either, so that the order of the entries means
 * nothing.
 *
 * <p>The k-th parked page, in ascending order, lies in the k-th spare page; the list pages are the
 * spare pages after these.
 */
public final class CopyList {
  /** How many entries a list page holds. */
  public static final int ENTRIES_PER_PAGE = 170;

  private static final ValueLayout.OfLong FIELD =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final long NEXT = 0;
  private static final long COUNT = 8;
  private static final long ENTRIES = 16;
  private static final long ENTRY_SIZE = 24;

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
    return (entries + ENTRIES_PER_PAGE - 1) / ENTRIES_PER_PAGE;
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
    Writer writer = new Writer(page, firstPage);
    eachEntry(parked, spare, zero, writer);
    writer.endPage();
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
    private MemorySegment page;
    private long pfn;
    private long count;

    Writer(LongFunction<MemorySegment> memory, long firstPage) {
      this.memory = memory;
      this.pfn = firstPage;
      this.page = memory.apply(firstPage);
    }

    @Override
    public void add(long source, long destination, long pages) {
      if (count == ENTRIES_PER_PAGE) {
        nextPage();
      }
      long at = ENTRIES + count * ENTRY_SIZE;
      page.set(FIELD, at, Pages.address(source));
      page.set(FIELD, at + 8, Pages.address(destination));
      page.set(FIELD, at + 16, pages);
      count++;
    }

    private void nextPage() {
      pfn = spare.next(pfn + 1);
      page.set(FIELD, NEXT, Pages.address(pfn));
      page.set(FIELD, COUNT, count);
      page = memory.apply(pfn);
      count = 0;
    }

    void endPage() {
      page.set(FIELD, NEXT, 0);
      page.set(FIELD, COUNT, count);
    }
  }
}
