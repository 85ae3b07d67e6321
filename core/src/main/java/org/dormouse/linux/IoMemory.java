package org.dormouse.linux;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
 */
public record IoMemory(MemoryMap map, List<PageRange> kernel) {
  private static final Path SOURCE = Path.of("/proc/iomem");
  private static final Pattern LINE =
      Pattern.compile("( *)([0-9a-f]+)-([0-9a-f]+) : (.*)", Pattern.CASE_INSENSITIVE);

  /** Copies the list. */
  public IoMemory {
    kernel = List.copyOf(kernel);
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

  /**
   * Parses the lines of {@code /proc/iomem}; names are from {@code arch/x86/kernel/e820.c}, {@code
   * setup.c}.
   */
  static IoMemory parse(List<String> lines) throws IOException {
    List<Region> regions = new ArrayList<>();
    List<PageRange> kernel = new ArrayList<>();
    for (String line : lines) {
      Matcher matcher = LINE.matcher(line);
      if (!matcher.matches()) {
        throw new IOException(SOURCE + ": cannot read the line '" + line + "'");
      }
      long start = Long.parseUnsignedLong(matcher.group(2), 16);
      long end = Long.parseUnsignedLong(matcher.group(3), 16) + 1;
      String name = matcher.group(4);
      if (matcher.group(1).isEmpty()) {
        kind(name).ifPresent(kind -> regions.add(new Region(start, end, kind)));
      } else if (name.startsWith("Kernel ")) {
        kernel.add(PageRange.covering(start, end));
      }
    }
    if (regions.stream().noneMatch(region -> region.kind() == Kind.RAM && region.end() > 1)) {
      throw new AccessDeniedException(
          SOURCE.toString(), null, "it hides its addresses without CAP_SYS_ADMIN");
    }
    return new IoMemory(new MemoryMap(regions), kernel);
  }

  private static Optional<Kind> kind(String name) {
    return switch (name) {
      case "System RAM" -> Optional.of(Kind.RAM);
      case "Reserved", "reserved" -> Optional.of(Kind.RESERVED);
      case "ACPI Tables" -> Optional.of(Kind.ACPI_TABLES);
      case "ACPI Non-volatile Storage" -> Optional.of(Kind.ACPI_NVS);
      case "Persistent Memory", "Persistent Memory (legacy)" -> Optional.of(Kind.PERSISTENT);
      default -> Optional.empty();
    };
  }
}
