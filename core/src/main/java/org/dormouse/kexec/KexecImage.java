package org.dormouse.kexec;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.dormouse.linux.Kexec.Context;
import org.dormouse.linux.Kexec.Segment;
import org.dormouse.memory.PageRange;

/**
 * Something to jump into: what {@code kexec_load(2)} is given.
 *
 * @param entry the physical address that is jumped to, within one of the segments
 * @param segments 1 to {@value #MAX_SEGMENTS}, disjoint
 * @param context what becomes of the kernel that jumps, and when it does
 */
public record KexecImage(long entry, List<Segment> segments, Context context) {
  /** The most segments: {@code KEXEC_SEGMENT_MAX} in {@code include/uapi/linux/kexec.h}. */
  public static final int MAX_SEGMENTS = 16;

  /** Above all physical addresses: 52 bits, the most that x86-64 has (Intel SDM 3A, 4.1.4). */
  private static final long PHYSICAL_LIMIT = 1L << 52;

  /**
   * Checks the kernel's rules: {@code sanity_check_segment_list} in {@code kernel/kexec_core.c}.
   *
   * @throws IllegalArgumentException if one of them is broken, or if the entry lies in no segment
   */
  public KexecImage {
    segments = List.copyOf(segments);
    if (segments.isEmpty() || segments.size() > MAX_SEGMENTS) {
      throw new IllegalArgumentException(
          segments.size() + " kexec segments, 1 to " + MAX_SEGMENTS + " are allowed");
    }
    checkDisjoint(segments);
    if (segments.stream().noneMatch(segment -> holds(segment.destination(), entry))) {
      throw new IllegalArgumentException(String.format("entry 0x%x lies in no segment", entry));
    }
  }

  /** How many pages the destinations have; as many free pages the load needs, and a few more. */
  public long pages() {
    return segments.stream().mapToLong(segment -> segment.destination().count()).sum();
  }

  /**
   * Checks that no more than half of the memory is asked for, which the kernel refuses with {@code
   * EINVAL}.
   *
   * @param ramPages the pages that the running kernel manages: {@code MemTotal}, which is less than
   *     the RAM of the memory map
   * @throws KexecPlanException if it is more than half
   */
  public void checkFits(long ramPages) throws KexecPlanException {
    long most = ramPages / 2;
    if (pages() > most) {
      throw KexecPlanException.of(
          "kexec loads at most half of the memory, %,d pages; this is %,d pages, %,d bytes too many",
          most, pages(), new PageRange(0, pages() - most).bytes());
    }
  }

  /** The image in a line for itself and one for each segment. */
  public String describe() {
    String head =
        String.format(
            "kexec image: entry 0x%x, %s, %d segments, %,d pages",
            entry,
            context.name().toLowerCase(Locale.ROOT).replace('_', ' '),
            segments.size(),
            pages());
    return Stream.concat(Stream.of(head), segments.stream().map(segment -> "  " + segment))
        .collect(Collectors.joining(System.lineSeparator()));
  }

  @Override
  public String toString() {
    return describe();
  }

  private static boolean holds(PageRange range, long address) {
    return range.startAddress() <= address && address < range.endAddress();
  }

  private static void checkDisjoint(List<Segment> segments) {
    List<PageRange> sorted = segments.stream().map(Segment::destination).sorted().toList();
    for (int i = 1; i < sorted.size(); i++) {
      if (sorted.get(i).overlaps(sorted.get(i - 1))) {
        throw new IllegalArgumentException(
            "kexec segments overlap: " + sorted.get(i - 1) + " and " + sorted.get(i));
      }
    }
    if (sorted.getLast().endAddress() > PHYSICAL_LIMIT) {
      throw new IllegalArgumentException("no such memory: " + sorted.getLast());
    }
  }
}
