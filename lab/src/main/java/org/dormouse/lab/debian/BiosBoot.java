package org.dormouse.lab.debian;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * GRUB as a BIOS finds it: its first sector, and its core in a partition of its own. What {@code
 * grub-bios-setup} does on a device, here on bytes. The offsets are those of GRUB 2.06's {@code
 * include/grub/i386/pc/boot.h} and {@code diskboot.h}.
 */
final class BiosBoot {
  /** GRUB_BOOT_MACHINE_WINDOWS_NT_MAGIC: what follows is not code. */
  private static final int CODE_BYTES = 440;

  /** GRUB_BOOT_MACHINE_KERNEL_SECTOR: eight bytes, where the core begins. */
  private static final int KERNEL_SECTOR = 0x5c;

  /** Where the first block list of {@code diskboot.img}, the core's first sector, is. */
  private static final int BLOCK_LIST = Partition.SECTOR_BYTES - 12;

  private final byte[] firstSector;
  private final byte[] core;

  private BiosBoot(byte[] firstSector, byte[] core) {
    this.firstSector = firstSector;
    this.core = core;
  }

  /**
   * Fits the two together.
   *
   * @param bootImage GRUB's {@code boot.img}
   * @param coreImage what {@code grub-mkimage} has made for {@code i386-pc}
   * @param partition where the core goes
   */
  static BiosBoot of(byte[] bootImage, byte[] coreImage, Partition partition) {
    if (coreImage.length > partition.bytes()) {
      throw new IllegalArgumentException(
          "GRUB's core takes %d bytes, its partition has %d"
              .formatted(coreImage.length, partition.bytes()));
    }
    byte[] first = Arrays.copyOf(bootImage, CODE_BYTES);
    littleEndian(first).putLong(KERNEL_SECTOR, partition.firstSector());
    byte[] core = coreImage.clone();
    // Length and segment are there; only the place was not known.
    littleEndian(core).putLong(BLOCK_LIST, partition.firstSector() + 1);
    return new BiosBoot(first, core);
  }

  /**
   * What goes to the disk's begin: code only, for the partition table has the rest of the sector.
   */
  ByteBuffer firstSector() {
    return ByteBuffer.wrap(firstSector).asReadOnlyBuffer();
  }

  /** What goes to the partition. */
  ByteBuffer core() {
    return ByteBuffer.wrap(core).asReadOnlyBuffer();
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
