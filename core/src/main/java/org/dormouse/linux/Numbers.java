package org.dormouse.linux;

/** Numbers as the kernel writes them into its files. */
final class Numbers {
  private Numbers() {}

  /**
   * A hexadecimal number of up to 64 bits, with or without {@code 0x}.
   *
   * @throws NumberFormatException if it is none
   */
  static long hexadecimal(String text) {
    return Long.parseUnsignedLong(
        text.startsWith("0x") || text.startsWith("0X") ? text.substring(2) : text, 16);
  }
}
