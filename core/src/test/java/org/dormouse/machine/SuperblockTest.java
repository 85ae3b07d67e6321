package org.dormouse.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SuperblockTest {
  private static final long MIB = 1 << 20;
  private static final long GIB = 1 << 30;

  private final byte[] head = new byte[Superblock.HEAD_BYTES];

  /** The fields of {@code struct xfs_dsb} that say where the log is; blocks of 4 KiB. */
  static void xfs(byte[] head, int group, int groupBlocks, int blockInGroup, int logBlocks) {
    int bits = 32 - Integer.numberOfLeadingZeros(groupBlocks - 1);
    ByteBuffer fields = ByteBuffer.wrap(head);
    fields.put(0, "XFSB".getBytes(StandardCharsets.US_ASCII));
    fields.putInt(4, 4096).putLong(48, (((long) group - 1) << bits) + blockInGroup);
    fields.putInt(84, groupBlocks).putInt(96, logBlocks).put(124, (byte) bits);
  }

  private Superblock probe(long size) {
    return Superblock.of(MemorySegment.ofArray(head), size);
  }

  private void put(int offset, String hex) {
    byte[] bytes = java.util.HexFormat.of().parseHex(hex);
    System.arraycopy(bytes, 0, head, offset, bytes.length);
  }

  @ParameterizedTest
  @CsvSource({
    "4086, 53574150535041434532, swap, '0+4096,4096+4096*1024/1048576'",
    "0, 4c554b53babe0002, crypto_LUKS, '0+65536'",
    "65600, 5f42485266535f4d, btrfs, '65536+4096,67108864+4096'",
    "512, 4c4142454c4f4e45, LVM2_member, '0+1048576'",
    "4096, fc4e2ba9, linux_raid_member, '4096+4096'",
    "0, fc4e2ba9, linux_raid_member, '0+4096'",
    "1080, 53ef, ext, '1024+1024'",
    "0, 00, '', '0+65536'"
  })
  void knowsKindsBySignature(int offset, String bytes, String kind, String changing) {
    put(offset, bytes);
    Superblock superblock = probe(GIB + 4096);
    assertThat(superblock.kind()).isEqualTo(kind);
    assertThat(ByteRanges.text(superblock.changing())).isEqualTo(changing);
  }

  @Test
  void findsTheLogOfXfs() {
    // What mkfs.xfs makes of 4 GiB: 4 groups of 262144 blocks, the log of 16384 in the third.
    xfs(head, 3, 262144, 6, 16384);
    Superblock superblock = probe(4 * GIB);
    assertThat(superblock.kind()).isEqualTo("xfs");
    assertThat(ByteRanges.text(superblock.changing()))
        .isEqualTo("0+4096," + (2 * GIB + 6 * 4096) + "+4096*1024/65536");
    xfs(head, 3, 262144, 6, 4096);
    assertThat(ByteRanges.text(probe(4 * GIB).changing()))
        .isEqualTo("0+4096," + (2 * GIB + 6 * 4096) + "+16777216");
  }

  @Test
  void aGroupOfXfsNeedNotBeAPowerOfTwo() {
    xfs(head, 2, 100_000, 5, 1000);
    assertThat(probe(4 * GIB).changing().getLast().start()).isEqualTo(100_005L * 4096);
  }

  @Test
  void findsTheTablesOfFat() {
    ByteBuffer fields = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
    fields.put(82, "FAT32   ".getBytes(StandardCharsets.US_ASCII));
    fields.putShort(11, (short) 512).put(13, (byte) 8).putShort(14, (short) 32);
    fields.put(16, (byte) 2).putInt(36, 1022).putInt(44, 2).putShort(48, (short) 1);
    assertThat(ByteRanges.text(probe(512 * MIB).changing()))
        .isEqualTo("0+4096,16384+523264,512+512," + (16384 + 2 * 523264) + "+4096");
    Arrays.fill(head, (byte) 0);
    fields.put(54, "FAT16   ".getBytes(StandardCharsets.US_ASCII));
    fields.putShort(11, (short) 512).put(13, (byte) 4).putShort(14, (short) 4);
    fields.put(16, (byte) 2).putShort(17, (short) 512).putShort(22, (short) 64);
    assertThat(ByteRanges.text(probe(16 * MIB).changing()))
        .isEqualTo("0+4096,2048+32768," + (2048 + 65536) + "+16384");
  }

  @Test
  void findsBothCheckpointsOfF2fs() {
    ByteBuffer fields = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
    fields.putInt(1024, 0xf2f52010).putInt(1024 + 20, 9).putInt(1024 + 76, 512);
    assertThat(ByteRanges.text(probe(GIB).changing()))
        .isEqualTo("0+8192," + 2 * MIB + "+4096," + 4 * MIB + "+4096");
  }

  @Property(tries = 500)
  void noRangeLeavesTheDiskWhateverTheHeadSays(
      @ForAll @LongRange(min = 0, max = 1L << 42) long size,
      @ForAll @IntRange(max = 6) int signature,
      @ForAll Random random) {
    random.nextBytes(head);
    List<String> signatures =
        List.of("XFSB", "FAT32   ", "FAT16   ", "SWAPSPACE2", "_BHRfS_M", "LABELONE", "x");
    byte[] text = signatures.get(signature).getBytes(StandardCharsets.US_ASCII);
    int[] offsets = {0, 82, 54, 4086, 0x10040, 512, 0};
    System.arraycopy(text, 0, head, offsets[signature], text.length);
    long bytes = size & -4096;
    int length = (int) Math.min(bytes, head.length);
    Superblock superblock = Superblock.of(MemorySegment.ofArray(head).asSlice(0, length), bytes);
    assertThat(superblock.changing()).allMatch(range -> range.start() >= 0 && range.end() <= bytes);
  }

  @Property
  void rangesSurviveBeingText(
      @ForAll @LongRange(min = 0, max = 1L << 50) long start,
      @ForAll @LongRange(min = 1, max = 1 << 20) long length,
      @ForAll @LongRange(min = 1 << 20, max = 1 << 30) long step,
      @ForAll @IntRange(min = 1, max = 2000) int count) {
    List<ByteRanges> ranges =
        List.of(new ByteRanges(start, length, step, count), ByteRanges.of(start, length));
    assertThat(ByteRanges.parse(ByteRanges.text(ranges))).isEqualTo(ranges);
  }

  @Test
  void rangesThatMakeNoSenseAreRefused() {
    for (String text : List.of("1", "0+0", "0+8*2/4", "9223372036854775807+1", "-1+3", "0+1*2")) {
      assertThatThrownBy(() -> ByteRanges.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
  }
}
