package org.dormouse.seal;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;

/** What anybody may see, as hexadecimal digits in lower case. */
final class Hex {
  private Hex() {}

  static String of(MemorySegment bytes) {
    return HexFormat.of().formatHex(bytes.toArray(ValueLayout.JAVA_BYTE));
  }

  /**
   * The bytes, in native memory that {@code arena} owns.
   *
   * @throws IllegalArgumentException if these are not the digits of {@code length} bytes
   */
  static MemorySegment bytes(Arena arena, String digits, int length) {
    check(digits, length);
    return arena.allocateFrom(ValueLayout.JAVA_BYTE, HexFormat.of().parseHex(digits));
  }

  static void check(String digits, int length) {
    if (!digits.matches("[0-9a-f]*") || digits.length() != 2 * length) {
      throw new IllegalArgumentException(
          "not " + length + " bytes in hexadecimal digits: " + digits);
    }
  }
}
