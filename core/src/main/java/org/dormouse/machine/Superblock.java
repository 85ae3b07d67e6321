package org.dormouse.machine;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What the head of a disk says it holds, and which of its bytes change when that is mounted or
 * written to. Names are those of util-linux's {@code libblkid}; so are the signatures.
 *
 * @param kind what the disk holds; empty if it is unknown
 * @param changing the bytes that change
 */
public record Superblock(String kind, List<ByteRanges> changing) {
  /** How much of a disk's start is looked at: the superblock of btrfs lies at 64 KiB. */
  public static final int HEAD_BYTES = 128 << 10;

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt BIG_INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfLong BIG_LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private static final long KIB = 1L << 10;
  private static final long MIB = 1L << 20;
  private static final int PAGE = 4096;

  /** {@code MD_SB_MAGIC}, {@code include/uapi/linux/raid/md_p.h}. */
  private static final int MD_MAGIC = 0xa92b4efc;

  /** {@code F2FS_SUPER_MAGIC}, {@code include/uapi/linux/magic.h}. */
  private static final int F2FS_MAGIC = 0xf2f52010;

  /** {@code EXT4_SUPER_MAGIC}, the same for ext2 and ext3. */
  private static final int EXT_MAGIC = 0xef53;

  /** A log of xfs up to this size is watched whole. */
  private static final long WHOLE_LOG = 16 * MIB;

  /** How many pieces of a larger one, and of a swap area, are watched. */
  private static final int SAMPLES = 1024;

  /** Copies the list. */
  public Superblock {
    changing = List.copyOf(changing);
  }

  /**
   * Looks at a head.
   *
   * @param head the first {@link #HEAD_BYTES} of a disk, or all of a smaller one
   * @param size the disk's size in bytes; no range ends behind it
   */
  public static Superblock of(MemorySegment head, long size) {
    MemorySegment whole = head;
    if (head.byteSize() < HEAD_BYTES) {
      whole = MemorySegment.ofArray(new byte[HEAD_BYTES]);
      whole.copyFrom(head);
    }
    Superblock found = probe(whole, size);
    return new Superblock(
        found.kind, found.changing.stream().flatMap(each -> within(each, size).stream()).toList());
  }

  private static Superblock probe(MemorySegment head, long size) {
    if (hasText(head, 4086, "SWAPSPACE2") || hasText(head, 4086, "S1SUSPEND")) {
      return new Superblock("swap", swap(size));
    }
    if (hasText(head, 0, "LUKS\u00ba\u00be")) {
      // The sequence number of LUKS2, and the key slots of LUKS1, are in the first pages.
      return new Superblock("crypto_LUKS", List.of(ByteRanges.of(0, 64 * KIB)));
    }
    if (hasText(head, 0, "XFSB")) {
      return new Superblock("xfs", xfs(head));
    }
    if (hasText(head, 0x10040, "_BHRfS_M")) {
      // BTRFS_SUPER_MIRROR offsets; the generation changes with each transaction
      return new Superblock(
          "btrfs",
          List.of(
              ByteRanges.of(64 * KIB, PAGE),
              ByteRanges.of(64 * MIB, PAGE),
              ByteRanges.of(256 * KIB * MIB, PAGE)));
    }
    if (hasText(head, 512, "LABELONE") || hasText(head, 0, "LABELONE")) {
      return new Superblock("LVM2_member", List.of(ByteRanges.of(0, MIB)));
    }
    if (head.get(INT, PAGE) == MD_MAGIC) {
      return new Superblock("linux_raid_member", List.of(ByteRanges.of(PAGE, PAGE)));
    }
    if (head.get(INT, 0) == MD_MAGIC) {
      return new Superblock("linux_raid_member", List.of(ByteRanges.of(0, PAGE)));
    }
    if (head.get(INT, 1024) == F2FS_MAGIC) {
      return new Superblock("f2fs", f2fs(head));
    }
    if (Short.toUnsignedInt(head.get(SHORT, 1080)) == EXT_MAGIC) {
      // Mount count, times, write counter, whether the journal has to be replayed: all in here.
      return new Superblock("ext", List.of(ByteRanges.of(1024, 1024)));
    }
    if (hasText(head, 54, "FAT1") || hasText(head, 82, "FAT32   ")) {
      return new Superblock("vfat", fat(head));
    }
    return new Superblock("", List.of(ByteRanges.of(0, 64 * KIB)));
  }

  /**
   * The last places of old superblocks of md: {@code calc_dev_sboffset} and {@code super_1_load} in
   * {@code drivers/md/md.c}, versions 0.90 and 1.0.
   */
  static List<ByteRanges> raidAtTheEnd(long size) {
    long old = (size & -64 * KIB) - 64 * KIB;
    long later = size - 8 * KIB & -4 * KIB;
    return old < 0 ? List.of() : List.of(ByteRanges.of(old, PAGE), ByteRanges.of(later, PAGE));
  }

  /**
   * The header, which nobody changes who uses the area, and samples of what would be overwritten.
   */
  private static List<ByteRanges> swap(long size) {
    List<ByteRanges> ranges = new ArrayList<>(List.of(ByteRanges.of(0, PAGE)));
    if (size >= 3L * PAGE) {
      ranges.add(samples(PAGE, (size & -PAGE) - PAGE));
    }
    return ranges;
  }

  /**
   * The superblock, and the log: whoever mounts xfs to write clears up to 2 MiB of the log in front
   * of its head ({@code xlog_clear_stale_blocks} in {@code fs/xfs/xfs_log_recover.c}), and writes
   * there; the superblock itself may stay the same for long. Fields: {@code struct xfs_dsb}.
   */
  private static List<ByteRanges> xfs(MemorySegment head) {
    List<ByteRanges> ranges = new ArrayList<>(List.of(ByteRanges.of(0, PAGE)));
    long block = Integer.toUnsignedLong(head.get(BIG_INT, 4));
    long logStart = head.get(BIG_LONG, 48);
    long groupBlocks = Integer.toUnsignedLong(head.get(BIG_INT, 84));
    long logBytes = Integer.toUnsignedLong(head.get(BIG_INT, 96)) * block;
    int groupBits = head.get(ValueLayout.JAVA_BYTE, 124);
    boolean sound =
        logStart > 0 && block >= 512 && block <= 64 * KIB && groupBits > 0 && groupBits < 32;
    // A log on another device (logstart 0) is not watched here.
    if (sound && logBytes > 0 && logStart >>> groupBits < 1L << 24) {
      long inGroup = logStart & (1L << groupBits) - 1;
      long start = ((logStart >>> groupBits) * groupBlocks + inGroup) * block;
      if (start > 0) {
        ranges.add(
            logBytes <= WHOLE_LOG ? ByteRanges.of(start, logBytes) : samples(start, logBytes));
      }
    }
    return ranges;
  }

  /**
   * Both checkpoints: their version counts up. The superblock never changes. Fields: {@code struct
   * f2fs_super_block} in {@code include/linux/f2fs_fs.h}.
   */
  private static List<ByteRanges> f2fs(MemorySegment head) {
    long first = Integer.toUnsignedLong(head.get(INT, 1024 + 76)) * PAGE;
    int segmentBits = head.get(INT, 1024 + 20) & 15;
    return List.of(
        ByteRanges.of(0, 2L * PAGE),
        ByteRanges.of(first, PAGE),
        ByteRanges.of(first + ((long) PAGE << segmentBits), PAGE));
  }

  /**
   * The boot sector with the dirty bit, FSInfo with the count of free clusters, the start of the
   * first table and of the root folder. A volume that is mounted is dirty already, so the bit alone
   * shows nothing ({@code fat_set_state} in {@code fs/fat/inode.c}). Fields: {@code struct
   * fat_boot_sector} in {@code include/uapi/linux/msdos_fs.h}.
   */
  private static List<ByteRanges> fat(MemorySegment head) {
    long sector = unsignedShort(head, 11);
    long cluster = Byte.toUnsignedLong(head.get(ValueLayout.JAVA_BYTE, 13)) * sector;
    long reserved = unsignedShort(head, 14) * sector;
    long tables = Byte.toUnsignedLong(head.get(ValueLayout.JAVA_BYTE, 16));
    long rootBytes = unsignedShort(head, 17) * 32;
    boolean large = unsignedShort(head, 22) == 0;
    long table =
        (large ? Integer.toUnsignedLong(head.get(INT, 36)) : unsignedShort(head, 22)) * sector;
    List<ByteRanges> ranges = new ArrayList<>(List.of(ByteRanges.of(0, PAGE)));
    if (sector < 512 || reserved == 0 || table == 0 || cluster == 0) {
      return ranges;
    }
    ranges.add(ByteRanges.of(reserved, Math.min(table, MIB)));
    long data = reserved + tables * table;
    if (!large && rootBytes > 0) {
      ranges.add(ByteRanges.of(data, rootBytes));
    } else if (large) {
      long root = Integer.toUnsignedLong(head.get(INT, 44));
      ranges.add(ByteRanges.of(unsignedShort(head, 48) * sector, sector));
      ranges.add(ByteRanges.of(data + Math.max(root - 2, 0) * cluster, cluster));
    }
    return ranges;
  }

  private static long unsignedShort(MemorySegment head, long offset) {
    return Short.toUnsignedLong(head.get(SHORT, offset));
  }

  /** Pages out of {@code length} bytes, evenly spread, the first one among them. */
  private static ByteRanges samples(long start, long length) {
    long pages = length / PAGE;
    long step = Math.max(1, (pages + SAMPLES - 1) / SAMPLES);
    return new ByteRanges(start, PAGE, step * PAGE, (int) ((pages + step - 1) / step));
  }

  /** What of {@code ranges} a disk of {@code size} bytes has. */
  private static List<ByteRanges> within(ByteRanges ranges, long size) {
    if (ranges.end() <= size) {
      return List.of(ranges);
    }
    if (ranges.count() > 1) {
      return ranges.single().stream().flatMap(each -> within(each, size).stream()).toList();
    }
    return ranges.start() < size
        ? List.of(ByteRanges.of(ranges.start(), size - ranges.start()))
        : List.of();
  }

  private static boolean hasText(MemorySegment head, long offset, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    return head.asSlice(offset, bytes.length).mismatch(MemorySegment.ofArray(bytes)) == -1;
  }
}
