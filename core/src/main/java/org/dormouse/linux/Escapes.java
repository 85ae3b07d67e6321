package org.dormouse.linux;

/**
 * Names in {@code /proc/self/mountinfo} and {@code /proc/swaps}: {@code seq_path} writes blanks in
 * octal.
 */
final class Escapes {
  private Escapes() {}

  /** Puts back what stands as a backslash and three octal digits. */
  static String undone(String text) {
    StringBuilder plain = new StringBuilder();
    int i = 0;
    while (i < text.length()) {
      if (text.startsWith("\\", i)
          && i + 4 <= text.length()
          && text.substring(i + 1, i + 4).matches("[0-3][0-7]{2}")) {
        plain.append((char) Integer.parseInt(text.substring(i + 1, i + 4), 8));
        i += 4;
      } else {
        plain.append(text.charAt(i));
        i++;
      }
    }
    return plain.toString();
  }
}
