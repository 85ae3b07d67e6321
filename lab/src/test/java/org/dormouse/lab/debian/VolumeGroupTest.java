package org.dormouse.lab.debian;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class VolumeGroupTest {
  private static final long MIB = 1L << 20;

  @Property
  void rootAndSwapFollowOneAnotherInWholeExtents(
      @ForAll @LongRange(min = 1 << 20, max = 1 << 24) long kibibytes) {
    long bytes = kibibytes << 10;
    VolumeGroup group = new VolumeGroup(bytes);
    assertThat(group.rootBytes()).isPositive();
    assertThat(group.rootBytes() % (4 * MIB)).isZero();
    assertThat(group.swapOffset()).isEqualTo(group.rootOffset() + group.rootBytes());
    assertThat(bytes - group.swapOffset() - group.swapBytes()).isBetween(0L, 4 * MIB - 1);
  }

  /** What {@code pvck --dump headers} of LVM 2.03.16 calls right. */
  @Test
  void theHeaderIsThatOfLvm() {
    ByteBuffer header = new VolumeGroup(4096 * MIB).header().order(ByteOrder.LITTLE_ENDIAN);
    assertThat(text(header, 512, 8)).isEqualTo("LABELONE");
    assertThat(header.getInt(512 + 16)).isEqualTo(0x1ab94283);
    assertThat(text(header, 4096 + 4, 16)).isEqualTo(" LVM2 x[5A%r0N*>");
    assertThat(text(header, 4096 + 512, 11)).isEqualTo("debian-vg {");
    assertThat(header.get(header.limit() - 1)).isZero();
  }

  private static String text(ByteBuffer from, int at, int length) {
    byte[] bytes = new byte[length];
    from.get(at, bytes);
    return new String(bytes, StandardCharsets.US_ASCII);
  }
}
