package org.dormouse.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.dormouse.linux.DeviceMapper.Below;
import org.dormouse.linux.DeviceMapper.Kind;
import org.dormouse.linux.DeviceMapper.Target;
import org.junit.jupiter.api.Test;

class DeviceMapperTest {
  private static final String KEY = "00112233445566778899aabbccddeeff";

  private final ByteBuffer table = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);

  /** As {@code retrieve_status} in {@code drivers/md/dm-ioctl.c} writes it. */
  private void target(long start, long length, String type, String parameters) {
    int spec = table.position();
    int next = (spec + 40 + parameters.length() + 1 + 7) & -8;
    table.putLong(spec, start).putLong(spec + 8, length).putInt(spec + 20, next);
    table.put(spec + 24, type.getBytes(StandardCharsets.US_ASCII));
    table.put(spec + 40, parameters.getBytes(StandardCharsets.US_ASCII));
    table.position(next);
  }

  private MemorySegment bytes() {
    return MemorySegment.ofArray(table.array());
  }

  @Test
  void readsLinearAndEncryptedParts() throws IOException {
    target(0, 2048, "linear", "8:2 2048");
    target(2048, 4096, "linear", "8:18 384");
    target(6144, 10, "striped", "2 128 8:2 0 8:18 0");
    target(6154, 10, "crypt", "aes-xts-plain64 " + KEY + " 0 254:1 32768 1 allow_discards");
    target(6164, 10, "crypt", "aes-xts-plain64 :64:logon:cryptsetup:x 0 254:1 32768");
    target(6174, 10, "error", "");
    Below encrypted = new Below(new DeviceNumber(254, 1), 32768 * 512, Kind.ENCRYPTED);
    assertThat(DeviceMapper.parse(bytes(), 6))
        .containsExactly(
            new Target(
                0,
                2048 * 512,
                "linear",
                Optional.of(new Below(new DeviceNumber(8, 2), 2048 * 512, Kind.PLAIN))),
            new Target(
                2048 * 512,
                4096 * 512,
                "linear",
                Optional.of(new Below(new DeviceNumber(8, 18), 384 * 512, Kind.PLAIN))),
            new Target(6144 * 512, 5120, "striped", Optional.empty()),
            new Target(6154 * 512, 5120, "crypt", Optional.of(encrypted)),
            new Target(6164 * 512, 5120, "crypt", Optional.of(encrypted)),
            new Target(6174 * 512, 5120, "error", Optional.empty()));
  }

  @Test
  void aKeyIsInNoMessage() throws IOException {
    target(0, 8, "crypt", "aes-xts-plain64 0 254:1 " + KEY + " 32768");
    assertThatThrownBy(() -> DeviceMapper.parse(bytes(), 1))
        .isInstanceOf(IOException.class)
        .hasNoCause()
        .hasMessageNotContaining(KEY);
  }

  @Test
  void aTableThatEndsEarlyOrTurnsBackIsAnError() {
    target(0, 8, "linear", "8:2 0");
    assertThatThrownBy(() -> DeviceMapper.parse(bytes().asSlice(0, 64), 2))
        .isInstanceOf(IOException.class);
    table.putInt(20, 0);
    assertThatThrownBy(() -> DeviceMapper.parse(bytes(), 2)).isInstanceOf(IOException.class);
  }

  @Property(tries = 300)
  void anyBytesGiveATableOrAnError(@ForAll byte[] bytes) {
    try {
      assertThat(DeviceMapper.parse(MemorySegment.ofArray(bytes), 3)).hasSize(3);
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("device mapper table");
    }
  }
}
