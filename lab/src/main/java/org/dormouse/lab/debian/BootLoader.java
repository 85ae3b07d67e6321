package org.dormouse.lab.debian;

import org.dormouse.lab.qemu.Firmware;

/** What starts a machine's kernel. */
public enum BootLoader {
  /** systemd-boot in the EFI system partition. */
  SYSTEMD_BOOT(Firmware.UEFI),
  /** GRUB in the first sector and in a partition of its own. */
  GRUB(Firmware.BIOS);

  private final Firmware firmware;

  BootLoader(Firmware firmware) {
    this.firmware = firmware;
  }

  /** That of a machine with this firmware. */
  public static BootLoader of(Firmware firmware) {
    return firmware == Firmware.UEFI ? SYSTEMD_BOOT : GRUB;
  }

  /** What starts it in turn. */
  public Firmware firmware() {
    return firmware;
  }

  /** Its name, in small letters. */
  public String word() {
    return this == SYSTEMD_BOOT ? "systemd-boot" : "grub";
  }
}
