package org.dormouse.linux;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * The memory map as the firmware gave it, before the kernel changed anything: {@code
 * /sys/firmware/memmap} ({@code drivers/firmware/memmap.c}). On x86 it is {@code
 * e820_table_firmware}, whose checksum the kernel's own hibernation compares ({@code
 * arch/x86/power/hibernate.c}).
 *
 * @param entries sorted by start; neighbours of one type are one entry, since who passes the map on
 *     to the next kernel may join or split them
 */
public record FirmwareMemoryMap(List<Entry> entries) {
  private static final Path SOURCE = Path.of("/sys/firmware/memmap");

  /**
   * What kexec-tools tell the next kernel of; they call all else reserved ({@code
   * get_memory_ranges_sysfs} in {@code kexec/arch/i386/kexec-x86-common.c}).
   */
  private static final Set<String> PASSED_ON =
      Set.of(
          "System RAM",
          "ACPI Tables",
          "ACPI Non-volatile Storage",
          "Persistent Memory",
          "Persistent Memory (legacy)");

  private static final String RESERVED = "Reserved";

  /**
   * A piece of the map.
   *
   * @param start the first byte
   * @param end the byte after the last
   * @param type as the kernel calls it, {@code System RAM}
   */
  public record Entry(long start, long end, String type) {
    /**
     * A piece as a BIOS describes it: INT 15h, AX=E820h (ACPI specification 6.5, section 15.1).
     *
     * @param code the number of the type, named as in {@code e820_type_to_string} in {@code
     *     arch/x86/kernel/e820.c}
     */
    public static Entry ofE820(long start, long length, int code) {
      String type =
          switch (code) {
            case 1 -> "System RAM";
            case 2 -> RESERVED;
            case 3 -> "ACPI Tables";
            case 4 -> "ACPI Non-volatile Storage";
            case 5 -> "Unusable memory";
            case 7 -> "Persistent Memory";
            case 12 -> "Persistent Memory (legacy)";
            case 0xefffffff -> "Soft Reserved";
            default -> "Unknown E820 type";
          };
      return new Entry(start, start + length, type);
    }

    /** The piece in one line: {@code 0x0 0x9fc00 System RAM}. */
    @Override
    public String toString() {
      return String.format("0x%x 0x%x %s", start, end, type);
    }

    /**
     * Reads what {@link #toString} writes.
     *
     * @throws IllegalArgumentException if it is not that
     */
    public static Entry parse(String line) {
      String[] words = line.split(" ", 3);
      if (words.length != 3) {
        throw new IllegalArgumentException("not an entry of a memory map: " + line);
      }
      return new Entry(Numbers.hexadecimal(words[0]), Numbers.hexadecimal(words[1]), words[2]);
    }
  }

  /** Sorts and joins the entries. */
  public FirmwareMemoryMap {
    List<Entry> joined = new ArrayList<>();
    for (Entry entry : entries.stream().sorted(Comparator.comparingLong(Entry::start)).toList()) {
      if (!joined.isEmpty()
          && joined.getLast().end == entry.start
          && joined.getLast().type.equals(entry.type)) {
        joined.set(joined.size() - 1, new Entry(joined.getLast().start, entry.end, entry.type));
      } else {
        joined.add(entry);
      }
    }
    entries = List.copyOf(joined);
  }

  /** What of the map lies at {@code address} or above it. */
  public FirmwareMemoryMap from(long address) {
    return new FirmwareMemoryMap(
        entries.stream()
            .filter(entry -> entry.end > address)
            .map(entry -> new Entry(Math.max(entry.start, address), entry.end, entry.type))
            .toList());
  }

  /**
   * The map as the next kernel knows it, whoever starts that one: what kexec-tools have no name for
   * is reserved. GRUB's own map of a machine with UEFI has such: it says 20 for the code of the
   * firmware's runtime services.
   */
  public FirmwareMemoryMap passedOn() {
    return new FirmwareMemoryMap(
        entries.stream()
            .map(
                entry ->
                    PASSED_ON.contains(entry.type)
                        ? entry
                        : new Entry(entry.start, entry.end, RESERVED))
            .toList());
  }

  /** Reads it; without entries if the kernel was built without {@code CONFIG_FIRMWARE_MEMMAP}. */
  public static FirmwareMemoryMap read() throws IOException {
    return read(SOURCE);
  }

  static FirmwareMemoryMap read(Path folder) throws IOException {
    List<Entry> entries = new ArrayList<>();
    for (Path entry : KernelFile.list(folder)) {
      entries.add(
          new Entry(
              Numbers.hexadecimal(KernelFile.read(entry.resolve("start"))),
              Numbers.hexadecimal(KernelFile.read(entry.resolve("end"))) + 1,
              KernelFile.read(entry.resolve("type"))));
    }
    return new FirmwareMemoryMap(entries);
  }

  /** The map, one line for each entry, the same for the same map. */
  public List<String> canonical() {
    return entries.stream().map(Entry::toString).toList();
  }

  /**
   * Reads what {@link #canonical} writes.
   *
   * @throws IllegalArgumentException if it is not that
   */
  public static FirmwareMemoryMap parse(List<String> canonical) {
    return new FirmwareMemoryMap(canonical.stream().map(Entry::parse).toList());
  }
}
