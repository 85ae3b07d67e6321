package org.dormouse.store;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;

/**
 * Bytes by which a kind of data is known.
 *
 * @param what the kind, for people
 * @param offset where the bytes are, from the start of what is searched
 * @param bytes the bytes
 */
record Signature(String what, int offset, MemorySegment bytes) {
  /** How far the searched head of a store reaches: past the superblock of btrfs. */
  static final int HEAD_BYTES = 128 << 10;

  /**
   * Signatures at the start of a store. More telling ones first: a partition table may lie over
   * anything. Offsets and bytes are those of util-linux, {@code libblkid/src/superblocks} and
   * {@code partitions}.
   */
  static final List<Signature> HEAD =
      List.of(
          ascii("a swap area that holds a hibernation image of the kernel", 4086, "S1SUSPEND"),
          ascii("a swap area that holds a hibernation image of the kernel", 4086, "ULSUSPEND"),
          ascii("a swap area", 4086, "SWAPSPACE2"),
          hex("a LUKS encrypted volume", 0, "4c554b53babe"),
          ascii("a key of Dormouse", 0, "DORMKEY "),
          ascii("a store of Dormouse that lies in pieces", 0, "DORMSTORE "),
          ascii("an XFS file system", 0, "XFSB"),
          ascii("a btrfs file system", 0x10040, "_BHRfS_M"),
          ascii("an LVM physical volume", 512, "LABELONE"),
          hex("a member of a RAID (md)", 4096, "fc4e2ba9"),
          hex("a member of a RAID (md)", 0, "fc4e2ba9"),
          ascii("a squashfs file system", 0, "hsqs"),
          hex("an F2FS file system", 1024, "1020f5f2"),
          ascii("an ISO 9660 file system", 32769, "CD001"),
          ascii("an NTFS file system", 3, "NTFS    "),
          ascii("a BitLocker volume", 3, "-FVE-FS-"),
          ascii("an exFAT file system", 3, "EXFAT   "),
          ascii("a FAT file system", 54, "FAT1"),
          ascii("a FAT file system", 82, "FAT32   "),
          hex("an ext2, ext3 or ext4 file system", 1080, "53ef"),
          ascii("a disk with partitions (GPT)", 512, "EFI PART"),
          ascii("a disk with partitions (GPT)", 4096, "EFI PART"),
          hex("a disk with partitions (MBR) or a boot sector", 510, "55aa"));

  /** Signatures in the last 4 KiB of a store. */
  static final List<Signature> TAIL =
      List.of(
          ascii("a disk with partitions (backup GPT)", 3584, "EFI PART"),
          ascii("a disk with partitions (backup GPT)", 0, "EFI PART"));

  static Signature ascii(String what, int offset, String text) {
    return new Signature(
        what, offset, MemorySegment.ofArray(text.getBytes(StandardCharsets.US_ASCII)));
  }

  private static Signature hex(String what, int offset, String digits) {
    return new Signature(what, offset, MemorySegment.ofArray(HexFormat.of().parseHex(digits)));
  }

  boolean isIn(MemorySegment searched) {
    return searched.asSlice(offset, bytes.byteSize()).mismatch(bytes) == -1;
  }
}
