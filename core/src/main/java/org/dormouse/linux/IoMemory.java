package org.dormouse.linux;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.dormouse.memory.MemoryMap;
import org.dormouse.memory.MemoryMap.Kind;
import org.dormouse.memory.MemoryMap.Region;
import org.dormouse.memory.PageRange;

/**
 * What {@code /proc/iomem} says: the memory map, and where the running kernel itself lies.
 *
 * @param map the top-level entries that are memory
 * @param kernel the pages of the kernel's text, read-only data, data and bss
 * @param added memory that is in none of the map's entries: drivers added it after the start
 * @param hpet the address of the first HPET, if there is one
 */
public record IoMemory(
    MemoryMap map, List<PageRange> kernel, List<AddedMemory> added, OptionalLong hpet) {
  private static final Path SOURCE = Path.of("/proc/iomem");
  private static final Pattern LINE =
      Pattern.compile("( *)([0-9a-f]+)-([0-9a-f]+) : (.*)", Pattern.CASE_INSENSITIVE);
  private static final String RAM = "System RAM";
  private static final String HPET = "HPET 0"; // arch/x86/kernel/acpi/boot.c
  private static final String CXL_WINDOW = "CXL Window ";

  /**
   * Memory that a driver has brought: {@code add_memory_driver_managed} in {@code
   * mm/memory_hotplug.c}, or a window of {@code drivers/cxl/acpi.c} that a device fills.
   *
   * @param start the first byte
   * @param end the byte after the last
   * @param name as the kernel calls it, {@code System RAM (kmem)}
   */
  public record AddedMemory(long start, long end, String name) {}

  private record Line(int depth, long start, long end, String name) {}

  /** Copies the lists. */
  public IoMemory {
    kernel = List.copyOf(kernel);
    added = List.copyOf(added);
  }

  /**
   * Reads the running kernel's map.
   *
   * @throws AccessDeniedException if its addresses are hidden since the reader is not root
   * @throws IOException if it cannot be read
   */
  public static IoMemory read() throws IOException {
    return parse(Files.readAllLines(SOURCE));
  }

  /** Parses the lines of {@code /proc/iomem}. */
  static IoMemory parse(List<String> texts) throws IOException {
    List<Line> lines = new ArrayList<>();
    for (String text : texts) {
      lines.add(line(text));
    }
    List<Region> regions = new ArrayList<>();
    List<PageRange> kernel = new ArrayList<>();
    List<AddedMemory> added = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      Line line = lines.get(i);
      boolean inhabited = i + 1 < lines.size() && lines.get(i + 1).depth > line.depth;
      if (isAdded(line, inhabited)) {
        added.add(new AddedMemory(line.start, line.end, line.name));
      } else if (line.depth == 0) {
        kind(line.name).ifPresent(kind -> regions.add(new Region(line.start, line.end, kind)));
      } else if (line.name.startsWith("Kernel ")) {
        kernel.add(PageRange.covering(line.start, line.end));
      }
    }
    if (lines.stream().noneMatch(line -> line.name.startsWith(RAM) && line.end > 1)) {
      throw new AccessDeniedException(
          SOURCE.toString(), null, "it hides its addresses without CAP_SYS_ADMIN");
    }
    OptionalLong hpet =
        lines.stream().filter(line -> line.name.equals(HPET)).mapToLong(Line::start).findFirst();
    return new IoMemory(new MemoryMap(regions), kernel, added, hpet);
  }

  private static Line line(String text) throws IOException {
    Matcher matcher = LINE.matcher(text);
    if (!matcher.matches()) {
      throw new IOException(SOURCE + ": cannot read the line '" + text + "'");
    }
    return new Line(
        matcher.group(1).length(),
        Long.parseUnsignedLong(matcher.group(2), 16),
        Long.parseUnsignedLong(matcher.group(3), 16) + 1,
        matcher.group(4));
  }

  private static boolean isAdded(Line line, boolean inhabited) {
    return line.name.startsWith(RAM + " (")
        || (line.name.equals(RAM) && line.depth > 0)
        || (line.name.startsWith(CXL_WINDOW) && inhabited);
  }

  /**
   * Names are from {@code e820_type_to_string} in {@code arch/x86/kernel/e820.c}. What is not named
   * there is a device's.
   */
  private static Optional<Kind> kind(String name) {
    return switch (name) {
      case RAM -> Optional.of(Kind.RAM);
      case "Reserved", "reserved", "Unusable memory", "Soft Reserved", "Unknown E820 type" ->
          Optional.of(Kind.RESERVED);
      case "ACPI Tables" -> Optional.of(Kind.ACPI_TABLES);
      case "ACPI Non-volatile Storage" -> Optional.of(Kind.ACPI_NVS);
      case "Persistent Memory", "Persistent Memory (legacy)" -> Optional.of(Kind.PERSISTENT);
      default -> Optional.empty();
    };
  }
}
