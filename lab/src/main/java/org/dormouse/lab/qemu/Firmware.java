package org.dormouse.lab.qemu;

/** What a machine runs before its kernel. */
public enum Firmware {
  /** SeaBIOS, a part of QEMU. */
  BIOS,
  /** OVMF, which starts a kernel through its EFI stub. Each machine has variables of its own. */
  UEFI
}
