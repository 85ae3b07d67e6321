package org.dormouse.memory;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/**
 * A range of pages, {@code [start, end)}, both PFNs. It may be empty; it is never inverted.
 *
 * @param start the first PFN of the range, 0 or more
 * @param end the PFN after the last one, {@code start} or more
 */
public record PageRange(long start, long end) implements Comparable<PageRange> {
  /**
   * Checks the bounds.
   *
   * @throws IllegalArgumentException if {@code start} is negative or {@code end} is before it
   */
  public PageRange {
    if (start < 0 || end < start) {
      throw new IllegalArgumentException("not a page range: [" + start + ", " + end + ")");
    }
  }

  /**
   * The pages that lie wholly inside the bytes {@code [start, end)}: rounded inwards, perhaps to
   * nothing.
   */
  public static PageRange within(long start, long end) {
    long first = Pages.holding(start);
    return new PageRange(first, Math.max(first, Pages.pfn(end)));
  }

  /**
   * The pages that any of the bytes {@code [start, end)} touches: rounded outwards. No bytes, no
   * pages.
   */
  public static PageRange covering(long start, long end) {
    long first = Pages.pfn(start);
    return new PageRange(first, end <= start ? first : Pages.holding(end));
  }

  /**
   * The pages that are in any of some ranges.
   *
   * @param ranges in any order; they may be empty, and overlap
   * @return as few ranges as can be: in ascending order, disjoint, not adjacent, none of them empty
   */
  public static List<PageRange> union(Collection<PageRange> ranges) {
    List<PageRange> union = new ArrayList<>();
    for (PageRange next : ranges.stream().filter(range -> !range.isEmpty()).sorted().toList()) {
      if (!union.isEmpty() && next.start <= union.getLast().end) {
        PageRange last = union.removeLast();
        union.add(new PageRange(last.start, Math.max(last.end, next.end)));
      } else {
        union.add(next);
      }
    }
    return List.copyOf(union);
  }

  /** How many pages the range has. */
  public long count() {
    return end - start;
  }

  /** Whether the range has no page. */
  public boolean isEmpty() {
    return start == end;
  }

  /** Whether page {@code pfn} is in the range. */
  public boolean contains(long pfn) {
    return start <= pfn && pfn < end;
  }

  /** Whether every page of {@code other} is in this range; an empty range is in every range. */
  public boolean contains(PageRange other) {
    return other.isEmpty() || (start <= other.start && other.end <= end);
  }

  /** Whether a page is in both ranges. */
  public boolean overlaps(PageRange other) {
    return Math.max(start, other.start) < Math.min(end, other.end);
  }

  /** The pages in both ranges, perhaps none. */
  public PageRange intersect(PageRange other) {
    long from = Math.max(start, other.start);
    return new PageRange(from, Math.max(from, Math.min(end, other.end)));
  }

  /** The pages of this range that are not in {@code hole}: up to two ranges, none of them empty. */
  public List<PageRange> without(PageRange hole) {
    if (!overlaps(hole)) {
      return isEmpty() ? List.of() : List.of(this);
    }
    return Stream.of(
            new PageRange(start, Math.max(start, hole.start)),
            new PageRange(Math.min(end, hole.end), end))
        .filter(part -> !part.isEmpty())
        .toList();
  }

  /** The physical address, in bytes, of the first byte of the range. */
  public long startAddress() {
    return Pages.address(start);
  }

  /** The physical address, in bytes, after the last byte of the range. */
  public long endAddress() {
    return Pages.address(end);
  }

  /** The size of the range in bytes. */
  public long bytes() {
    return Pages.address(count());
  }

  @Override
  public int compareTo(PageRange other) {
    int byStart = Long.compare(start, other.start);
    return byStart != 0 ? byStart : Long.compare(end, other.end);
  }

  /** The byte addresses as {@code /proc/iomem} writes them, the last one inclusive. */
  @Override
  public String toString() {
    return isEmpty() ? "[empty]" : String.format("[0x%x-0x%x]", startAddress(), endAddress() - 1);
  }
}
