package org.dormouse.machine;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A line of words {@code name=value}. What a value cannot have, blanks and control characters above
 * all, stands there as {@code %} and two hexadecimal digits for each byte of UTF-8.
 */
final class Words {
  private final Map<String, String> values = new LinkedHashMap<>();

  Words with(String name, String value) {
    values.put(name, value);
    return this;
  }

  Words with(String name, long value) {
    return with(name, Long.toString(value));
  }

  /**
   * Reads what {@link #toString} writes.
   *
   * @throws IllegalArgumentException if it is not that
   */
  static Words parse(String line) {
    Words words = new Words();
    for (String word : line.split(" ")) {
      int equals = word.indexOf('=');
      if (equals <= 0) {
        throw new IllegalArgumentException("not a word of name=value: " + word);
      }
      words.with(word.substring(0, equals), unescaped(word.substring(equals + 1)));
    }
    return words;
  }

  /** The value of a word; empty if there is none. */
  String text(String name) {
    return values.getOrDefault(name, "");
  }

  /**
   * The value of a word, a whole number.
   *
   * @throws IllegalArgumentException if it is none
   */
  long number(String name) {
    try {
      return Long.parseLong(text(name));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + " is no number", e);
    }
  }

  /**
   * The value of a word, 64 bits in hexadecimal.
   *
   * @throws IllegalArgumentException if it is not that
   */
  long bits(String name) {
    try {
      return HexFormat.fromHexDigitsToLong(text(name));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(name + " is no hexadecimal number", e);
    }
  }

  private static String unescaped(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    byte[] plain = new byte[bytes.length];
    int length = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '%') {
        if (i + 2 >= bytes.length) {
          throw new IllegalArgumentException("not a value: " + text);
        }
        plain[length++] =
            (byte) HexFormat.fromHexDigits(new String(bytes, i + 1, 2, StandardCharsets.US_ASCII));
        i += 2;
      } else {
        plain[length++] = bytes[i];
      }
    }
    return new String(plain, 0, length, StandardCharsets.UTF_8);
  }

  private static String escaped(String text) {
    StringBuilder escaped = new StringBuilder();
    for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
      if (each > ' ' && each < 0x7f && each != '%') {
        escaped.append((char) each);
      } else {
        escaped.append('%').append(HexFormat.of().toHexDigits(each));
      }
    }
    return escaped.toString();
  }

  @Override
  public String toString() {
    StringBuilder line = new StringBuilder();
    values.forEach(
        (name, value) ->
            line.append(line.isEmpty() ? "" : " ").append(name).append('=').append(escaped(value)));
    return line.toString();
  }
}
