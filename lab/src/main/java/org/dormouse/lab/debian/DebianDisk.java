package org.dormouse.lab.debian;

import java.util.List;
import java.util.stream.Collectors;

/**
 * What lies where on a Debian's disk: a partition that the firmware's part of the boot takes, and
 * the root in all that is left.
 *
 * @param boot the EFI system partition, or GRUB's
 * @param root the root, or LUKS with the root in it
 * @param diskBytes the disk's size
 */
record DebianDisk(Partition boot, Partition root, long diskBytes) {
  private static final String DISK_UUID = "6f3d1c52-0b64-4f3e-9a52-2d7f5f1c0a00";
  private static final String BOOT_UUID = "6f3d1c52-0b64-4f3e-9a52-2d7f5f1c0a01";
  private static final String ROOT_UUID = "6f3d1c52-0b64-4f3e-9a52-2d7f5f1c0a02";

  private static final long MIB_SECTORS = (1L << 20) / Partition.SECTOR_BYTES;

  /** Room for two kernels with their initramfs, and for the saver's. */
  private static final long ESP_MIB = 256;

  /** A Debian of 0.5 GiB, a store for a memory of 1 GiB, and what is worked on. */
  private static final long DISK_MIB = 4096;

  static DebianDisk of(BootLoader loader) {
    long bootMib = loader == BootLoader.GRUB ? 1 : ESP_MIB;
    Partition boot =
        new Partition(
            MIB_SECTORS,
            bootMib * MIB_SECTORS,
            loader == BootLoader.GRUB ? Partition.BIOS_BOOT : Partition.EFI_SYSTEM,
            BOOT_UUID,
            loader == BootLoader.GRUB ? "grub" : "esp");
    // One MiB at the end is the second table's.
    Partition root =
        new Partition(
            (1 + bootMib) * MIB_SECTORS,
            (DISK_MIB - 2 - bootMib) * MIB_SECTORS,
            Partition.ROOT_X86_64,
            ROOT_UUID,
            "root");
    return new DebianDisk(boot, root, DISK_MIB << 20);
  }

  /** What {@code sfdisk} is to do. */
  String sfdiskScript() {
    return "label: gpt\nlabel-id: "
        + DISK_UUID
        + "\n"
        + List.of(boot, root).stream()
            .map(
                part ->
                    "start=%d, size=%d, type=%s, uuid=%s, name=%s\n"
                        .formatted(
                            part.firstSector(),
                            part.sectors(),
                            part.type(),
                            part.uuid(),
                            part.name()))
            .collect(Collectors.joining());
  }
}
