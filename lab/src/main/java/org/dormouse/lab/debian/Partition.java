package org.dormouse.lab.debian;

/**
 * A partition of a GPT disk.
 *
 * @param firstSector of 512 bytes, a multiple of 1 MiB
 * @param sectors how many
 * @param type GPT's UUID for what it is for
 * @param uuid its own
 * @param name for people
 */
record Partition(long firstSector, long sectors, String type, String uuid, String name) {
  static final int SECTOR_BYTES = 512;

  /** UEFI specification, 5.3.3. */
  static final String EFI_SYSTEM = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B";

  /** Where GRUB lies on a disk that a BIOS starts: GRUB's manual, "BIOS installation". */
  static final String BIOS_BOOT = "21686148-6449-6E6F-744E-656564454649";

  /** The root of an x86-64: the UAPI group's Discoverable Partitions Specification. */
  static final String ROOT_X86_64 = "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709";

  /** Anything of Linux's: the type that Debian's installer gives {@code /boot} and LUKS. */
  static final String LINUX = "0FC63DAF-8483-4772-8E79-3D69D8477DE4";

  long offset() {
    return firstSector * SECTOR_BYTES;
  }

  long bytes() {
    return sectors * SECTOR_BYTES;
  }
}
