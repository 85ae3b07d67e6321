package org.dormouse.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What the running kernel says of the processors; of what may differ between them, the first one's.
 *
 * @param online how many are online
 * @param model which one it is
 * @param bootApicId the APIC ID of processor 0, if the kernel tells
 * @param flags the flags of {@code /proc/cpuinfo}; one that the kernel does not use is not listed
 */
public record Processor(int online, Model model, OptionalInt bootApicId, Set<String> flags) {
  private static final Path SOURCE = Path.of("/proc/cpuinfo");

  /**
   * What the {@code CPUID} instruction calls a processor.
   *
   * @param vendor {@code GenuineIntel}, {@code AuthenticAMD}; empty if unknown
   * @param family the vendor's number of the family, -1 if unknown
   * @param number the model's number in the family, -1 if unknown
   * @param stepping the revision, -1 if unknown
   */
  public record Model(String vendor, int family, int number, int stepping) {
    /** For people: {@code GenuineIntel family 6 model 167 stepping 1}. */
    @Override
    public String toString() {
      return vendor + " family " + family + " model " + number + " stepping " + stepping;
    }
  }

  /** Copies the flags. */
  public Processor {
    flags = Set.copyOf(flags);
  }

  /** Asks the running kernel. */
  public static Processor read() throws IOException {
    return parse(Files.readAllLines(SOURCE));
  }

  /**
   * Parses the lines of {@code /proc/cpuinfo} ({@code arch/x86/kernel/cpu/proc.c}). A flag may be
   * there twice.
   */
  static Processor parse(List<String> lines) {
    int online = 0;
    Map<String, String> first = new HashMap<>();
    for (String line : lines) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        String name = line.substring(0, colon).strip();
        online += name.equals("processor") ? 1 : 0;
        first.putIfAbsent(name, line.substring(colon + 1).strip());
      }
    }
    String flags = first.getOrDefault("flags", "");
    return new Processor(
        online,
        new Model(
            first.getOrDefault("vendor_id", ""),
            number(first, "cpu family").orElse(-1),
            number(first, "model").orElse(-1),
            number(first, "stepping").orElse(-1)),
        first.getOrDefault("processor", "").equals("0")
            ? number(first, first.containsKey("apicid") ? "apicid" : "initial apicid")
            : OptionalInt.empty(),
        flags.isEmpty() ? Set.of() : new HashSet<>(Arrays.asList(flags.split(" +"))));
  }

  private static OptionalInt number(Map<String, String> values, String name) {
    String text = values.getOrDefault(name, "");
    return text.matches("[0-9]{1,9}")
        ? OptionalInt.of(Integer.parseInt(text))
        : OptionalInt.empty();
  }

  /**
   * Whether 5-level paging is on: the kernel drops the flag when it runs with 4 levels ({@code
   * no5lvl}).
   */
  public boolean fiveLevelPaging() {
    return flags.contains("la57");
  }

  /** Whether page tables may have 1 GiB leaves. */
  public boolean gigabytePages() {
    return flags.contains("pdpe1gb");
  }
}
