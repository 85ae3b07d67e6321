package org.dormouse.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class KernelIdentityTest {
  private static final byte[] ID = {
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20
  };

  @Test
  void findsTheBuildIdBehindOtherNotes() {
    byte[] notes = concat(note("Xen", 3, new byte[] {9}), note("GNU", 3, ID));
    assertThat(KernelIdentity.buildId(notes)).isEqualTo("0102030405060708090a0b0c0d0e0f1011121314");
  }

  @Test
  void isEmptyWithoutOne() {
    assertThat(KernelIdentity.buildId(note("GNU", 1, ID))).isEmpty();
    assertThat(KernelIdentity.buildId(new byte[0])).isEmpty();
  }

  @Property(tries = 300)
  void bearsAnyBytes(@ForAll byte[] notes) {
    assertThat(KernelIdentity.buildId(notes)).isNotNull();
  }

  private static byte[] note(String owner, int type, byte[] content) {
    byte[] name =
        Arrays.copyOf(
            owner.getBytes(java.nio.charset.StandardCharsets.US_ASCII), owner.length() + 1);
    ByteBuffer note =
        ByteBuffer.allocate(12 + (name.length + 3) / 4 * 4 + (content.length + 3) / 4 * 4)
            .order(ByteOrder.LITTLE_ENDIAN);
    note.putInt(name.length).putInt(content.length).putInt(type).put(name);
    note.position(12 + (name.length + 3) / 4 * 4);
    note.put(content);
    return note.array();
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
