package org.dormouse.image;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** Lines of a header that may become anything; each character is a byte. */
final class HeaderLines {
  private static final String[] TEXTS = {
    "", "EMPTY", "WRITING", "COMPLETE", "REFUSED", "CONSUMED", "DUMP", "DORMOUSE 2", "DORMOUSE 3"
  };

  private final List<String> lines;

  /** The lines of a part of a first block. */
  HeaderLines(byte[] block, int start, int end) {
    String text = new String(block, start, end - start, ISO_8859_1);
    lines = new ArrayList<>(Arrays.asList(text.stripTrailing().split("\n", -1)));
  }

  /** As many bytes as there is room for. */
  byte[] bytes(int room) {
    byte[] text = String.join("\n", lines).getBytes(ISO_8859_1);
    byte[] bytes = Arrays.copyOf(text, room);
    Arrays.fill(bytes, Math.min(text.length, room), room, (byte) '\n');
    return bytes;
  }

  /** The words of the last line of {@code key}; none if there is none. */
  String[] words(String key) {
    for (String line : lines.reversed()) {
      if (line.startsWith(key + "=")) {
        return line.substring(key.length() + 1).split(" ", -1);
      }
    }
    return new String[0];
  }

  /** Replaces the last word of each line of {@code key}. */
  void putLastWord(String key, String word) {
    lines.replaceAll(
        line ->
            line.startsWith(key + "=")
                ? line.substring(0, Math.max(line.lastIndexOf(' '), key.length()) + 1) + word
                : line);
  }

  /**
   * Changes a line.
   *
   * @param how what is done to it
   * @param at which line, and in the upper byte which of its words, or all of it
   * @param value what comes in
   */
  void change(int how, int at, long value) {
    int number = (at & 0xff) % lines.size();
    switch (how % 10) {
      case 0 -> replace(number, at >> 8, Long.toString(value));
      case 1 -> replace(number, at >> 8, "0x" + Long.toHexString(value));
      case 2 -> replace(number, at >> 8, TEXTS[(int) Long.remainderUnsigned(value, TEXTS.length)]);
      case 3 -> replace(number, at >> 8, latin(value));
      case 4 -> replace(number, at >> 8, HexFormat.of().toHexDigits(value));
      case 5 -> replace(number, at >> 8, "a".repeat((int) (value & 0xfff)));
      case 6 -> add(number, at >> 8, value);
      case 7 -> lines.set(number, latin(value));
      case 8 -> lines.add(lines.get(number));
      default -> lines.set(number, "");
    }
  }

  private static String latin(long value) {
    byte[] bytes = new byte[Long.BYTES];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (value >>> (Byte.SIZE * i));
    }
    return new String(bytes, ISO_8859_1);
  }

  private void replace(int number, int word, String text) {
    String line = lines.get(number);
    int start = line.indexOf('=') + 1;
    String[] words = line.substring(start).split(" ", -1);
    if (word < words.length) {
      words[word] = text;
      lines.set(number, line.substring(0, start) + String.join(" ", words));
    } else {
      lines.set(number, line.substring(0, start) + text);
    }
  }

  private void add(int number, int word, long value) {
    String line = lines.get(number);
    String[] words = line.substring(line.indexOf('=') + 1).split(" ", -1);
    String old = words[Math.min(word, words.length - 1)];
    try {
      long sum = value + Long.parseLong(old);
      replace(number, word, Long.toString(sum));
    } catch (NumberFormatException e) {
      replace(number, word, old + latin(value));
    }
  }
}
