package org.dormouse.lab.debian;

import org.dormouse.lab.qemu.Firmware;

/** How a Debian lies on its disk, and what starts it. */
public enum DebianLayout {
  /** systemd-boot in the EFI system partition, and the root in a partition. */
  SYSTEMD_BOOT("uefi", Firmware.UEFI),
  /** GRUB in the first sector and in a partition of its own, and the root in a partition. */
  GRUB("bios", Firmware.BIOS),
  /**
   * What Debian's installer calls "encrypted LVM": GRUB in the EFI system partition, {@code /boot}
   * in a partition, and root and swap on logical volumes below LUKS2, which the initramfs unlocks.
   */
  ENCRYPTED("encrypted", Firmware.UEFI);

  private final String word;
  private final Firmware firmware;

  DebianLayout(String word, Firmware firmware) {
    this.word = word;
    this.firmware = firmware;
  }

  /** That of a machine with this firmware whose disk is not encrypted. */
  public static DebianLayout plain(Firmware firmware) {
    return firmware == Firmware.UEFI ? SYSTEMD_BOOT : GRUB;
  }

  /** What starts the boot loader. */
  public Firmware firmware() {
    return firmware;
  }

  /** Its name, in small letters. */
  String word() {
    return word;
  }

  /** The name of what starts the kernel. */
  String loader() {
    return this == SYSTEMD_BOOT ? "systemd-boot" : "GRUB";
  }

  /** Whether there is LUKS, and LVM in it. */
  boolean isEncrypted() {
    return this == ENCRYPTED;
  }
}
