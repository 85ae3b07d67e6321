package org.dormouse.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Lines of {@code key=value}, in order, as a shell, a person and Dormouse all read them. A key may
 * stand there several times. A value is the rest of its line: it may have blanks and {@code =}, and
 * no control characters.
 *
 * <p>Immutable: {@link #with} returns a longer one.
 */
public final class KeyValues {
  private record Line(String key, String value) {}

  private final List<Line> lines;

  private KeyValues(List<Line> lines) {
    this.lines = List.copyOf(lines);
  }

  /** No lines. */
  public static KeyValues empty() {
    return new KeyValues(List.of());
  }

  /**
   * Reads lines; empty ones, and those that {@link #with} would not have written, without {@code =}
   * or with a control character, are left out.
   *
   * @param text lines that end with {@code \n}
   */
  public static KeyValues parse(String text) {
    List<Line> lines = new ArrayList<>();
    for (String line : text.split("\n")) {
      int equals = line.indexOf('=');
      if (equals > 0 && isPlain(line)) {
        lines.add(new Line(line.substring(0, equals), line.substring(equals + 1)));
      }
    }
    return new KeyValues(lines);
  }

  /** Whatever is read may end on a console, which obeys some control characters. */
  private static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isISOControl(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  /**
   * The same with one line more.
   *
   * @throws IllegalArgumentException if key or value cannot stand in a line
   */
  public KeyValues with(String key, String value) {
    if (!key.matches("[a-z][a-z0-9_.]*") || !isPlain(value)) {
      throw new IllegalArgumentException("not a line of key=value: " + key + "=" + value);
    }
    List<Line> more = new ArrayList<>(lines);
    more.add(new Line(key, value));
    return new KeyValues(more);
  }

  /** The same with a whole number. */
  public KeyValues with(String key, long value) {
    return with(key, Long.toString(value));
  }

  /** The same with an address, {@code 0x} and hexadecimal digits. */
  public KeyValues withAddress(String key, long value) {
    return with(key, "0x" + Long.toHexString(value));
  }

  /** The same with the lines of {@code other} behind. */
  public KeyValues withAll(KeyValues other) {
    List<Line> more = new ArrayList<>(lines);
    more.addAll(other.lines);
    return new KeyValues(more);
  }

  /** The last value of {@code key}. */
  public Optional<String> find(String key) {
    return lines.reversed().stream()
        .filter(line -> line.key.equals(key))
        .map(Line::value)
        .findFirst();
  }

  /** All values of {@code key}, in order. */
  public List<String> all(String key) {
    return lines.stream().filter(line -> line.key.equals(key)).map(Line::value).toList();
  }

  /**
   * The last value of {@code key}.
   *
   * @throws IllegalArgumentException if there is none
   */
  public String text(String key) {
    return find(key)
        .orElseThrow(() -> new IllegalArgumentException("there is no line " + key + "=…"));
  }

  /**
   * The last value of {@code key}, a decimal number or an address after {@code 0x}.
   *
   * @throws IllegalArgumentException if there is none, or it is no number
   */
  public long number(String key) {
    String text = text(key);
    try {
      return text.startsWith("0x")
          ? Long.parseUnsignedLong(text.substring(2), 16)
          : Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(key + "=" + text + " is no number", e);
    }
  }

  /** All lines, each ended by {@code \n}. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (Line line : lines) {
      text.append(line.key).append('=').append(line.value).append('\n');
    }
    return text.toString();
  }
}
