package org.dormouse.machine;

import java.util.List;
import org.dormouse.linux.EfiRuntimeMap;
import org.dormouse.linux.FirmwareMemoryMap;

/** Whether the firmware has laid out memory as it did before. */
public final class FirmwareCheck {
  private static final String REMEDY =
      "put memory, cards and firmware settings back as they were when the machine was put to sleep";

  /**
   * Below 1 MiB no image has a page, and kexec-tools leave out the first 1 KiB when they pass the
   * map on ({@code kexec/arch/i386/crashdump-x86.c}).
   */
  private static final long LOW = 1L << 20;

  private FirmwareCheck() {}

  /** Compares the map of the machine that sleeps with that of the one that would wake it. */
  public static Finding memoryMaps(FirmwareMemoryMap sleeping, FirmwareMemoryMap waking) {
    String name = "memory map";
    if (sleeping.entries().isEmpty() || waking.entries().isEmpty()) {
      return Finding.warning(
          name,
          "the firmware's map is not known, so it cannot be compared",
          "build the kernel with CONFIG_FIRMWARE_MEMMAP=y");
    }
    return compare(
        name, sleeping.passedOn().from(LOW).canonical(), waking.passedOn().from(LOW).canonical());
  }

  /** Compares where the firmware's runtime services are mapped. */
  public static Finding efi(EfiRuntimeMap sleeping, EfiRuntimeMap waking) {
    String name = "EFI runtime services";
    if (sleeping.services().entries().isEmpty()) {
      return Finding.good(name, "were not used");
    }
    if (waking.services().entries().isEmpty()) {
      return Finding.bad(
          name,
          "were mapped, and now they are not",
          "boot through EFI as before, and without efi=noruntime");
    }
    return compare(name, sleeping.services().canonical(), waking.services().canonical());
  }

  private static Finding compare(String name, List<String> before, List<String> now) {
    int same = 0;
    while (same < before.size() && same < now.size() && before.get(same).equals(now.get(same))) {
      same++;
    }
    if (same == before.size() && same == now.size()) {
      return Finding.good(name, "as it was: " + before.size() + " entries");
    }
    return Finding.bad(
        name, "first difference: was " + entry(before, same) + ", is " + entry(now, same), REMEDY);
  }

  private static String entry(List<String> entries, int index) {
    return index < entries.size() ? "'" + entries.get(index) + "'" : "nothing more";
  }
}
