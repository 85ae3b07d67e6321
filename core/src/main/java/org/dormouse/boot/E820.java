package org.dormouse.boot;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.dormouse.memory.MemoryMap;
import org.dormouse.memory.PageRange;

/** The memory table that a boot loader gives to a kernel. */
public final class E820 {
  /** What a piece of memory is: {@code enum e820_type} in {@code arch/x86/include/asm/e820}. */
  public enum Type {
    RAM(1),
    RESERVED(2),
    ACPI_TABLES(3),
    ACPI_NVS(4),
    PERSISTENT(7);

    private final int code;

    Type(int code) {
      this.code = code;
    }

    /** The number that stands for the type in the table. */
    public int code() {
      return code;
    }

    private static Type of(MemoryMap.Kind kind) {
      return switch (kind) {
        case RAM -> RAM;
        case RESERVED -> RESERVED;
        case ACPI_TABLES -> ACPI_TABLES;
        case ACPI_NVS -> ACPI_NVS;
        case PERSISTENT -> PERSISTENT;
      };
    }
  }

  /**
   * A piece of memory.
   *
   * @param start physical address of the first byte
   * @param end physical address after the last byte
   * @param type what it is
   */
  public record Entry(long start, long end, Type type) {
    /**
     * Checks the bounds.
     *
     * @throws IllegalArgumentException if the piece is empty, inverted or starts below 0
     */
    public Entry {
      if (start < 0 || end <= start) {
        throw new IllegalArgumentException(
            String.format("not a piece of memory: [0x%x, 0x%x)", start, end));
      }
    }

    @Override
    public String toString() {
      return String.format("[0x%x-0x%x] %s", start, end - 1, type);
    }
  }

  private E820() {}

  /**
   * The table of a kernel that is to live in a part of a machine: {@code ram} is all the RAM that
   * it sees; what is not RAM in {@code map} stays what it is, for that is where devices and
   * firmware are.
   *
   * @param ram within the RAM of {@code map}, disjoint
   * @return sorted and disjoint; neighbours of one type are one entry
   */
  public static List<Entry> within(MemoryMap map, List<PageRange> ram) {
    Stream<Entry> usable =
        ram.stream()
            .filter(range -> !range.isEmpty())
            .map(range -> new Entry(range.startAddress(), range.endAddress(), Type.RAM));
    Stream<Entry> others =
        map.regions().stream()
            .filter(region -> region.kind() != MemoryMap.Kind.RAM)
            .map(region -> new Entry(region.start(), region.end(), Type.of(region.kind())));
    return joined(
        Stream.concat(usable, others).sorted(Comparator.comparingLong(Entry::start)).toList());
  }

  private static List<Entry> joined(List<Entry> sorted) {
    List<Entry> joined = new ArrayList<>();
    for (Entry entry : sorted) {
      if (!joined.isEmpty() && continues(joined.getLast(), entry)) {
        joined.add(new Entry(joined.removeLast().start(), entry.end(), entry.type()));
      } else {
        joined.add(entry);
      }
    }
    return List.copyOf(joined);
  }

  private static boolean continues(Entry before, Entry entry) {
    return before.end() == entry.start() && before.type() == entry.type();
  }
}
