package org.dormouse.lab.debian;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What lies where on a Debian's disk: what the boot loader takes, and the root in all that is left.
 *
 * @param loader the EFI system partition, or GRUB's
 * @param boot {@code /boot}, where the root is encrypted
 * @param root the root, or LUKS with what is in it
 * @param diskBytes the disk's size
 */
record DebianDisk(Partition loader, Optional<Partition> boot, Partition root, long diskBytes) {
  private static final String DISK_UUID = "6f3d1c52-0b64-4f3e-9a52-2d7f5f1c0a00";
  private static final String LOADER_UUID = "6f3d1c52-0b64-4f3e-9a52-2d7f5f1c0a01";
  private static final String ROOT_UUID = "6f3d1c52-0b64-4f3e-9a52-2d7f5f1c0a02";
  private static final String BOOT_UUID = "6f3d1c52-0b64-4f3e-9a52-2d7f5f1c0a04";

  private static final long MIB_SECTORS = (1L << 20) / Partition.SECTOR_BYTES;

  /** Room for two kernels with their initramfs, and for the saver's. */
  private static final long KERNELS_MIB = 256;

  /** The least that FAT32 takes, and some. */
  private static final long ESP_MIB = 64;

  private static final long BIOS_BOOT_MIB = 1;

  /** A Debian of 0.5 GiB, a store for a memory of 1 GiB, and what is worked on. */
  private static final long DISK_MIB = 5120;

  static DebianDisk of(DebianLayout layout) {
    long end = 1;
    Partition loader =
        switch (layout) {
          case SYSTEMD_BOOT -> at(end, KERNELS_MIB, Partition.EFI_SYSTEM, LOADER_UUID, "esp");
          case GRUB -> at(end, BIOS_BOOT_MIB, Partition.BIOS_BOOT, LOADER_UUID, "grub");
          case ENCRYPTED -> at(end, ESP_MIB, Partition.EFI_SYSTEM, LOADER_UUID, "esp");
        };
    end += loader.sectors() / MIB_SECTORS;
    Optional<Partition> boot = Optional.empty();
    if (layout.isEncrypted()) {
      boot = Optional.of(at(end, KERNELS_MIB, Partition.LINUX, BOOT_UUID, "boot"));
      end += KERNELS_MIB;
    }
    // One MiB at the end is the second table's.
    long rootMib = DISK_MIB - 1 - end;
    String type = layout.isEncrypted() ? Partition.LINUX : Partition.ROOT_X86_64;
    Partition root = at(end, rootMib, type, ROOT_UUID, "root");
    return new DebianDisk(loader, boot, root, DISK_MIB << 20);
  }

  private static Partition at(long beginMib, long mib, String type, String uuid, String name) {
    return new Partition(beginMib * MIB_SECTORS, mib * MIB_SECTORS, type, uuid, name);
  }

  /** All of them, in their order. */
  List<Partition> partitions() {
    List<Partition> all = new ArrayList<>(List.of(loader));
    Stream.concat(boot.stream(), Stream.of(root)).forEach(all::add);
    return List.copyOf(all);
  }

  /** What {@code sfdisk} is to do. */
  String sfdiskScript() {
    return "label: gpt\nlabel-id: "
        + DISK_UUID
        + "\n"
        + partitions().stream()
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
