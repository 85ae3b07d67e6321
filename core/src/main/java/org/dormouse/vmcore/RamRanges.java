package org.dormouse.vmcore;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.dormouse.memory.Frames;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;

/** Ranges of RAM, sorted and joined, for fast look-up. */
final class RamRanges {
  private static final PageRange NOTHING = new PageRange(0, 0);

  private final long[] starts;
  private final long[] ends;
  private final int count;

  private RamRanges(long[] starts, long[] ends, int count) {
    this.starts = starts;
    this.ends = ends;
    this.count = count;
  }

  /**
   * Sorts and joins ranges.
   *
   * @throws IllegalArgumentException if two overlap
   */
  static RamRanges of(Collection<PageRange> ranges) {
    List<PageRange> sorted = ranges.stream().filter(range -> !range.isEmpty()).sorted().toList();
    long[] starts = new long[sorted.size()];
    long[] ends = new long[sorted.size()];
    int count = 0;
    for (PageRange range : sorted) {
      if (count > 0 && range.start() < ends[count - 1]) {
        throw new IllegalArgumentException("ranges of RAM overlap at " + range);
      }
      if (count > 0 && range.start() == ends[count - 1]) {
        ends[count - 1] = range.end();
      } else {
        starts[count] = range.start();
        ends[count++] = range.end();
      }
    }
    return new RamRanges(starts, ends, count);
  }

  /** Whether page {@code pfn} is RAM. */
  boolean contains(long pfn) {
    return indexOf(pfn) >= 0;
  }

  /** The range that holds page {@code pfn}, empty if none does. */
  PageRange at(long pfn) {
    int index = indexOf(pfn);
    return index < 0 ? NOTHING : new PageRange(starts[index], ends[index]);
  }

  /** The number of the range that holds page {@code pfn}, negative if none does. */
  int indexOf(long pfn) {
    int found = Arrays.binarySearch(starts, 0, count, pfn);
    int index = found >= 0 ? found : -found - 2;
    return index >= 0 && pfn < ends[index] ? index : -1;
  }

  /** The first page of range {@code index}. */
  long start(int index) {
    return starts[index];
  }

  /** What of the range that holds page {@code pfn} lies in the same window, empty if no RAM. */
  PageRange windowAt(long pfn) {
    int index = indexOf(pfn);
    if (index < 0) {
      return NOTHING;
    }
    long window = Pages.alignDown(pfn, Frames.WINDOW_PAGES);
    return new PageRange(
        Math.max(starts[index], window), Math.min(ends[index], window + Frames.WINDOW_PAGES));
  }

  /** The ranges in ascending order, disjoint and not adjacent. */
  List<PageRange> ranges() {
    PageRange[] ranges = new PageRange[count];
    for (int i = 0; i < count; i++) {
      ranges[i] = new PageRange(starts[i], ends[i]);
    }
    return List.of(ranges);
  }

  /** What of the ranges lies in {@code bounds}, in ascending order. */
  List<PageRange> within(PageRange bounds) {
    List<PageRange> parts = new ArrayList<>();
    int found = Arrays.binarySearch(starts, 0, count, bounds.start());
    for (int i = Math.max(0, found >= 0 ? found : -found - 2);
        i < count && starts[i] < bounds.end();
        i++) {
      PageRange part = new PageRange(starts[i], ends[i]).intersect(bounds);
      if (!part.isEmpty()) {
        parts.add(part);
      }
    }
    return parts;
  }

  /** How many pages. */
  long pages() {
    long pages = 0;
    for (int i = 0; i < count; i++) {
      pages += ends[i] - starts[i];
    }
    return pages;
  }

  /** The PFN after the last page, 0 if there is none. */
  long limit() {
    return count == 0 ? 0 : ends[count - 1];
  }
}
