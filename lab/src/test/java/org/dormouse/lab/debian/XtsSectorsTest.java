package org.dormouse.lab.debian;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class XtsSectorsTest {
  /** The key of vector 10 in IEEE 1619: digits of e and of pi. */
  private static final byte[] KEY =
      HexFormat.of()
          .parseHex(
              "2718281828459045235360287471352662497757247093699959574966967627"
                  + "3141592653589793238462643383279502884197169399375105820974944592");

  @Test
  void theBytesOfTheStandard() throws Exception {
    byte[] sector = new byte[XtsSectors.BYTES];
    for (int i = 0; i < sector.length; i++) {
      sector[i] = (byte) i;
    }
    XtsSectors.encrypting(KEY).change(sector, 0, 0xff * 512L);
    // Vector 10 is for sectors of 512 bytes; the first of them is the same in a longer one.
    assertThat(HexFormat.of().formatHex(sector, 0, 64))
        .isEqualTo(
            "1c3b3a102f770386e4836c99e370cf9bea00803f5e482357a4ae12d414a3e63b"
                + "5d31e276f8fe4a8d66b317f9ac683f44680a86ac35adfc3345befecb4bb188fd");
  }

  @Property(tries = 50)
  void whatIsEncryptedIsDecrypted(
      @ForAll @Size(XtsSectors.KEY_BYTES) byte[] key,
      @ForAll @LongRange(min = 0, max = 1L << 40) long sector)
      throws Exception {
    byte[] bytes = new byte[3 * XtsSectors.BYTES];
    Arrays.fill(bytes, (byte) 7);
    byte[] before = bytes.clone();
    XtsSectors.encrypting(key).change(bytes, XtsSectors.BYTES, sector * XtsSectors.BYTES);
    assertThat(bytes).isNotEqualTo(before).startsWith(7, 7, 7).endsWith(7, 7, 7);
    XtsSectors.decrypting(key).change(bytes, XtsSectors.BYTES, sector * XtsSectors.BYTES);
    assertThat(bytes).isEqualTo(before);
  }

  @Test
  void aKeyOfAnotherLengthIsRefused() {
    assertThatThrownBy(() -> XtsSectors.encrypting(new byte[32])).hasMessageContaining("32");
  }
}
