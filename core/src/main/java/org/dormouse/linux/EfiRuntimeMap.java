package org.dormouse.linux;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where the kernel has mapped the firmware's runtime services: {@code
 * /sys/firmware/efi/runtime-map} ({@code drivers/firmware/efi/runtime-map.c}). The firmware learns
 * these addresses once, from the first kernel after power-on.
 *
 * @param entries sorted by physical address; none without EFI, or with {@code efi=noruntime}
 */
public record EfiRuntimeMap(List<Entry> entries) {
  private static final Path SOURCE = Path.of("/sys/firmware/efi/runtime-map");

  // EFI_MEMORY_TYPE: UEFI specification 2.10, section 7.2.1
  private static final long SERVICES_CODE = 5;
  private static final long SERVICES_DATA = 6;
  private static final long MEMORY_MAPPED_IO = 11;
  private static final long MEMORY_MAPPED_IO_PORTS = 12;

  /**
   * A piece of the map; numbers of type and attribute are those of {@code EFI_MEMORY_DESCRIPTOR}
   * (UEFI specification 2.10, section 7.2.3).
   *
   * @param physical the physical address
   * @param virtual the address at which the firmware calls itself
   * @param pages how many pages of 4 KiB
   * @param type what lies there
   * @param attribute what may be done with it
   */
  public record Entry(long physical, long virtual, long pages, long type, long attribute) {
    /**
     * Whether the firmware's runtime services are there: code, data or devices of theirs. The
     * kernel's list also has pieces that it has reserved for itself, and which lie elsewhere at
     * each boot ({@code efi_arch_mem_reserve} in {@code arch/x86/platform/efi/quirks.c}).
     */
    boolean isOfServices() {
      return type == SERVICES_CODE
          || type == SERVICES_DATA
          || type == MEMORY_MAPPED_IO
          || type == MEMORY_MAPPED_IO_PORTS;
    }

    /** The piece in one line of five hexadecimal numbers. */
    @Override
    public String toString() {
      return String.format("0x%x 0x%x 0x%x 0x%x 0x%x", physical, virtual, pages, type, attribute);
    }

    /**
     * Reads what {@link #toString} writes.
     *
     * @throws IllegalArgumentException if it is not that
     */
    public static Entry parse(String line) {
      long[] numbers = Stream.of(line.split(" ")).mapToLong(Numbers::hexadecimal).toArray();
      if (numbers.length != 5) {
        throw new IllegalArgumentException("not an entry of a map of EFI's: " + line);
      }
      return new Entry(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]);
    }
  }

  /** What of the map belongs to the firmware's runtime services. */
  public EfiRuntimeMap services() {
    return new EfiRuntimeMap(entries.stream().filter(Entry::isOfServices).toList());
  }

  /** Sorts the entries. */
  public EfiRuntimeMap {
    entries = entries.stream().sorted(Comparator.comparingLong(Entry::physical)).toList();
  }

  /** Reads it. */
  public static EfiRuntimeMap read() throws IOException {
    return read(SOURCE);
  }

  static EfiRuntimeMap read(Path folder) throws IOException {
    List<Entry> entries = new ArrayList<>();
    for (Path entry : KernelFile.list(folder)) {
      entries.add(
          new Entry(
              number(entry, "phys_addr"),
              number(entry, "virt_addr"),
              number(entry, "num_pages"),
              number(entry, "type"),
              number(entry, "attribute")));
    }
    return new EfiRuntimeMap(entries);
  }

  private static long number(Path entry, String field) throws IOException {
    return Numbers.hexadecimal(KernelFile.read(entry.resolve(field)));
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
  public static EfiRuntimeMap parse(List<String> canonical) {
    return new EfiRuntimeMap(canonical.stream().map(Entry::parse).toList());
  }
}
