package org.dormouse.lab.debian;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class BiosBootTest {
  private static final Partition PARTITION =
      new Partition(2048, 2048, Partition.BIOS_BOOT, "uuid", "grub");

  private static byte[] filled(int length) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) 0x11);
    return bytes;
  }

  private static ByteBuffer littleEndian(ByteBuffer bytes) {
    return bytes.order(ByteOrder.LITTLE_ENDIAN);
  }

  @Test
  void theFirstSectorKnowsWhereTheCoreIsAndLeavesThePartitionTableAlone() {
    ByteBuffer first =
        littleEndian(BiosBoot.of(filled(512), filled(1024), PARTITION).firstSector());
    assertThat(first.remaining()).isEqualTo(440);
    assertThat(first.getLong(0x5c)).isEqualTo(2048);
    assertThat(first.getInt(0x5c - 4)).isEqualTo(0x11111111);
    assertThat(first.getInt(0x5c + 8)).isEqualTo(0x11111111);
  }

  @Test
  void theCoresFirstSectorKnowsWhereTheOthersAre() {
    ByteBuffer core = littleEndian(BiosBoot.of(filled(512), filled(1024), PARTITION).core());
    assertThat(core.remaining()).isEqualTo(1024);
    assertThat(core.getLong(500)).isEqualTo(2049);
    // How many there are, and where they go, grub-mkimage has said.
    assertThat(core.getInt(508)).isEqualTo(0x11111111);
  }

  @Test
  void whatIsGivenStaysAsItIs() {
    byte[] core = filled(1024);
    BiosBoot.of(filled(512), core, PARTITION);
    assertThat(core).containsOnly(0x11);
  }

  @Test
  void aCoreThatIsTooLargeIsRefused() {
    assertThatThrownBy(() -> BiosBoot.of(filled(512), filled((1 << 20) + 1), PARTITION))
        .hasMessageContaining("1048577")
        .hasMessageContaining("1048576");
  }
}
