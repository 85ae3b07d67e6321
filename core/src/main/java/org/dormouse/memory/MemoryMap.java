package org.dormouse.memory;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What lies where in physical memory: the top-level entries of {@code /proc/iomem} that describe
 * memory.
 *
 * <p>Neighbours of one kind are one region. The kernel splits RAM wherever its boot loader left
 * data in it ({@code e820__reserve_setup_data} in {@code arch/x86/kernel/e820.c}), in the middle of
 * a page and at each boot somewhere else; rounded to pages piece by piece, such a page would be
 * lost.
 *
 * @param regions sorted by start, disjoint, as few as possible
 */
public record MemoryMap(List<Region> regions) {
  /** What a region is; the names follow the E820 types (ACPI specification 6.5, table 15.374). */
  public enum Kind {
    /** Memory that the kernel may use: {@code System RAM}. */
    RAM,
    /** Memory that only the firmware may use. */
    RESERVED,
    /** ACPI tables, which the kernel may reclaim and does not. */
    ACPI_TABLES,
    /** Memory that ACPI keeps across sleep: {@code ACPI Non-volatile Storage}. */
    ACPI_NVS,
    /** Memory that survives power loss. */
    PERSISTENT
  }

  /**
   * A piece of the memory map.
   *
   * @param start the first byte
   * @param end the byte after the last
   * @param kind what it is
   */
  public record Region(long start, long end, Kind kind) {
    /**
     * Checks the bounds.
     *
     * @throws IllegalArgumentException if the region is empty, inverted or starts below 0
     */
    public Region {
      if (start < 0 || end <= start) {
        throw new IllegalArgumentException(String.format("not a region: [0x%x, 0x%x)", start, end));
      }
    }

    /** The pages wholly inside the region. */
    public PageRange pages() {
      return PageRange.within(start, end);
    }
  }

  /**
   * Sorts, checks and joins the regions.
   *
   * @throws IllegalArgumentException if two regions overlap
   */
  public MemoryMap {
    regions = joined(regions.stream().sorted(Comparator.comparingLong(Region::start)).toList());
  }

  /** The RAM, rounded inwards to whole pages, in ascending order, without empty ranges. */
  public List<PageRange> ram() {
    return regions.stream()
        .filter(region -> region.kind() == Kind.RAM)
        .map(Region::pages)
        .filter(range -> !range.isEmpty())
        .toList();
  }

  /** How many whole pages of RAM there are. */
  public long ramPages() {
    return ram().stream().mapToLong(PageRange::count).sum();
  }

  /** The PFN after the last page of RAM; 0 without RAM. */
  public long limit() {
    return ram().stream().mapToLong(PageRange::end).max().orElse(0);
  }

  /**
   * The map in one line of text for each region, the same for the same map: what a fingerprint is
   * made of.
   */
  public String canonical() {
    return regions.stream()
        .map(region -> String.format("%x-%x %s%n", region.start(), region.end(), region.kind()))
        .collect(Collectors.joining());
  }

  private static List<Region> joined(List<Region> sorted) {
    List<Region> joined = new ArrayList<>();
    for (Region region : sorted) {
      Region last = joined.isEmpty() ? null : joined.getLast();
      if (last != null && region.start() < last.end()) {
        throw new IllegalArgumentException(last + " and " + region + " overlap");
      }
      if (last != null && region.start() == last.end() && region.kind() == last.kind()) {
        joined.set(joined.size() - 1, new Region(last.start(), region.end(), last.kind()));
      } else {
        joined.add(region);
      }
    }
    return List.copyOf(joined);
  }
}
