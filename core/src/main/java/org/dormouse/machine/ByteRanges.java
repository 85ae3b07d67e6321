package org.dormouse.machine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A row of equally long ranges of bytes, equally far apart; most rows have one range.
 *
 * @param start the first byte of the first range
 * @param length bytes of each range
 * @param step bytes from the start of one range to that of the next
 * @param count how many ranges
 */
public record ByteRanges(long start, long length, long step, int count) {
  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if there is no byte in it, or ranges overlap or reach over
   *     what a {@code long} counts
   */
  public ByteRanges {
    if (start < 0 || length <= 0 || count <= 0 || (count > 1 && step < length)) {
      throw new IllegalArgumentException(
          String.format("not ranges of bytes: %d+%d*%d/%d", start, length, count, step));
    }
    if (count == 1) {
      step = length;
    }
    try {
      Math.addExact(start, Math.addExact(Math.multiplyExact(step, count - 1L), length));
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("ranges of bytes that end nowhere", e);
    }
  }

  /** One range. */
  public static ByteRanges of(long start, long length) {
    return new ByteRanges(start, length, length, 1);
  }

  /** The byte after the last range. */
  public long end() {
    return start + step * (count - 1) + length;
  }

  /** Each range by itself. */
  List<ByteRanges> single() {
    List<ByteRanges> ranges = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ranges.add(of(start + step * i, length));
    }
    return ranges;
  }

  /** The same, {@code distance} bytes further on. */
  ByteRanges moved(long distance) {
    return new ByteRanges(start + distance, length, step, count);
  }

  /** {@code START+LENGTH}, and if there are several {@code *COUNT/STEP}. */
  @Override
  public String toString() {
    return start + "+" + length + (count == 1 ? "" : "*" + count + "/" + step);
  }

  static String text(List<ByteRanges> ranges) {
    return ranges.stream().map(ByteRanges::toString).collect(Collectors.joining(","));
  }

  /**
   * Reads what {@link #text} writes.
   *
   * @throws IllegalArgumentException if it is not that
   */
  static List<ByteRanges> parse(String text) {
    List<ByteRanges> ranges = new ArrayList<>();
    for (String part : text.isEmpty() ? new String[0] : text.split(",")) {
      if (!part.matches("[0-9]+\\+[0-9]+(\\*[0-9]+/[0-9]+)?")) {
        // Not the text itself, which may have been anything once it was unescaped.
        throw new IllegalArgumentException("a line of ranges of bytes has something else");
      }
      long[] numbers = Arrays.stream(part.split("[+*/]")).mapToLong(Long::parseLong).toArray();
      ranges.add(
          numbers.length == 2
              ? of(numbers[0], numbers[1])
              : new ByteRanges(
                  numbers[0],
                  numbers[1],
                  numbers[3],
                  (int) Math.min(numbers[2], Integer.MAX_VALUE)));
    }
    return ranges;
  }
}
