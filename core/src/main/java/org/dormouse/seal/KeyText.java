package org.dormouse.seal;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The text of a key file, in native memory: lines of {@code key=value} behind a first line, ended
 * by {@code \n} or by nothing but padding. Secrets go from there to where they belong without
 * becoming objects of the heap.
 */
final class KeyText {
  /** What a key file begins with. Not as a store does: a boot looks for those. */
  static final String FIRST_LINE = "DORMKEY 1\n";

  private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private final MemorySegment text;
  private long end;

  private KeyText(MemorySegment text, long end) {
    this.text = text;
    this.end = end;
  }

  /** A text to be written into {@code memory}. */
  static KeyText begin(MemorySegment memory) {
    KeyText text = new KeyText(memory, 0);
    text.append(FIRST_LINE);
    return text;
  }

  /** A text to be read. */
  static KeyText of(MemorySegment memory) {
    return new KeyText(memory, memory.byteSize());
  }

  /** Whether this begins as a key file does. */
  boolean isKey() {
    return startsWith(0, FIRST_LINE);
  }

  /** How many bytes were written. */
  long length() {
    return end;
  }

  /** Writes a line that anybody may see. */
  KeyText line(String key, String value) {
    append(key);
    append("=");
    append(value);
    append("\n");
    return this;
  }

  /** Writes a line with the hexadecimal digits of a secret. */
  KeyText secret(String key, MemorySegment secret) {
    append(key);
    append("=");
    for (long i = 0; i < secret.byteSize(); i++) {
      int value = secret.get(ValueLayout.JAVA_BYTE, i);
      text.set(ValueLayout.JAVA_BYTE, end++, DIGITS[value >>> 4 & 0xf]);
      text.set(ValueLayout.JAVA_BYTE, end++, DIGITS[value & 0xf]);
    }
    append("\n");
    return this;
  }

  /** The value of a line that anybody may see. */
  Optional<String> find(String key) {
    long from = valueOf(key);
    if (from < 0) {
      return Optional.empty();
    }
    long to = from;
    while (to < end && text.get(ValueLayout.JAVA_BYTE, to) != '\n') {
      to++;
    }
    byte[] value = text.asSlice(from, to - from).toArray(ValueLayout.JAVA_BYTE);
    return Optional.of(new String(value, StandardCharsets.US_ASCII));
  }

  /**
   * Fills {@code secret} with the bytes whose hexadecimal digits are the value of {@code key}.
   *
   * @throws IllegalArgumentException if there is no such line, or it has not exactly as many
   */
  void read(String key, MemorySegment secret) {
    long from = valueOf(key);
    long digits = 2 * secret.byteSize();
    boolean fits =
        from >= 0
            && from + digits <= end
            && (from + digits == end || text.get(ValueLayout.JAVA_BYTE, from + digits) == '\n');
    if (!fits) {
      throw new IllegalArgumentException("there is no line " + key + "= of " + digits + " digits");
    }
    for (long i = 0; i < secret.byteSize(); i++) {
      int value = digit(key, from + 2 * i) << 4 | digit(key, from + 2 * i + 1);
      secret.set(ValueLayout.JAVA_BYTE, i, (byte) value);
    }
  }

  private int digit(String key, long at) {
    int value = Character.digit(text.get(ValueLayout.JAVA_BYTE, at), 16);
    if (value < 0) {
      throw new IllegalArgumentException("the line " + key + "= has something else than digits");
    }
    return value;
  }

  /** Where the value of the first line of this key begins, or -1. */
  private long valueOf(String key) {
    String start = key + "=";
    for (long at = 0; at < end; at++) {
      boolean lineBegins = at == 0 || text.get(ValueLayout.JAVA_BYTE, at - 1) == '\n';
      if (lineBegins && startsWith(at, start)) {
        return at + start.length();
      }
    }
    return -1;
  }

  private boolean startsWith(long at, String word) {
    if (at + word.length() > end) {
      return false;
    }
    for (int i = 0; i < word.length(); i++) {
      if (text.get(ValueLayout.JAVA_BYTE, at + i) != word.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private void append(String word) {
    for (int i = 0; i < word.length(); i++) {
      text.set(ValueLayout.JAVA_BYTE, end++, (byte) word.charAt(i));
    }
  }
}
