package org.dormouse.image;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Locale;
import org.dormouse.codec.PosixCksum;
import org.dormouse.codec.Xxh64;

/** Makes the checksums of a first block right, whatever is in it. */
final class HeaderForge {
  private static final String SUM = "\ndescription=";

  private HeaderForge() {}

  /** That of the description, if the line is there and the sum fits into it. */
  static void vouchForDescription(byte[] block) {
    String sector = new String(block, 0, StateSector.CHECKED_BYTES, ISO_8859_1);
    int line = sector.indexOf(SUM);
    if (line >= 0 && line + SUM.length() + 16 <= StateSector.CHECKED_BYTES) {
      byte[] description = Arrays.copyOfRange(block, StateSector.BYTES, HeaderBlock.BYTES);
      byte[] digits = StoredBytes.hex(xxh64(description)).getBytes(ISO_8859_1);
      System.arraycopy(digits, 0, block, line + SUM.length(), digits.length);
    }
  }

  /** That of the first sector. */
  static void vouchForState(byte[] block) {
    byte[] check = check(block);
    System.arraycopy(check, 0, block, StateSector.CHECKED_BYTES, check.length);
  }

  static long xxh64(byte[] bytes) {
    try (Arena arena = Arena.ofConfined()) {
      return Xxh64.of(arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes));
    }
  }

  /** Whether the first sector matches its checksum. */
  static boolean isVouchedFor(byte[] block) {
    return Arrays.equals(
        Arrays.copyOfRange(block, StateSector.CHECKED_BYTES, StateSector.BYTES), check(block));
  }

  private static byte[] check(byte[] block) {
    long crc = PosixCksum.of(Arrays.copyOf(block, StateSector.CHECKED_BYTES));
    return String.format(Locale.ROOT, "check=%010d", crc).getBytes(ISO_8859_1);
  }
}
