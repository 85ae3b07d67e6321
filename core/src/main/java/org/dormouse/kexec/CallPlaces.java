package org.dormouse.kexec;

import java.util.List;
import java.util.Optional;
import org.dormouse.memory.PageRange;

/**
 * Where what belongs to a call goes.
 *
 * @param low within {@link #LOW}: the stub, and in real mode the program
 * @param area within {@link #HIGH}: all else that has no place of its own
 */
public record CallPlaces(PageRange low, PageRange area) {
  /**
   * Memory that real mode reaches. The first 64 KiB are left alone, as Linux does: some firmware
   * writes there ({@code reserve_bios_regions} and its neighbours in {@code
   * arch/x86/kernel/setup.c}).
   */
  public static final PageRange LOW = PageRange.within(0x10000, 0xa0000);

  /** Memory that 32 bits reach, from where a kernel may start. */
  public static final PageRange HIGH = PageRange.within(16L << 20, 4L << 30);

  /**
   * The lowest place in some memory.
   *
   * @param memory in ascending order, disjoint
   * @param within where it may be
   * @param taken what it must not touch
   * @param pages how large it is
   * @return nothing if there is none
   */
  public static Optional<PageRange> lowest(
      List<PageRange> memory, PageRange within, List<PageRange> taken, long pages) {
    List<PageRange> there = memory.stream().map(range -> range.intersect(within)).toList();
    return without(there, taken).stream()
        .filter(piece -> piece.count() >= pages)
        .findFirst()
        .map(piece -> new PageRange(piece.start(), piece.start() + pages));
  }

  /** What is left of some ranges: in ascending order, if they are, none of them empty. */
  static List<PageRange> without(List<PageRange> ranges, List<PageRange> holes) {
    List<PageRange> left = ranges.stream().filter(range -> !range.isEmpty()).toList();
    for (PageRange hole : holes) {
      left = left.stream().flatMap(range -> range.without(hole).stream()).toList();
    }
    return left;
  }
}
