package org.dormouse.analyze;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * Letters of 8 by 13 points: "misc-fixed" of the X Window System, which is in the public domain.
 * The file has a line for each character of ASCII: its number and its rows, in hexadecimal.
 */
final class BitmapFont {
  /** Points from one letter to the next. */
  static final int WIDTH = 8;

  /** Rows of a letter. */
  static final int HEIGHT = 13;

  /** Rows above the base line. */
  static final int ASCENT = 11;

  private static final String RESOURCE = "misc-fixed-8x13.hex";
  private static final int FIRST = ' ';
  private static final int LAST = '~';

  private final byte[] rows = new byte[(LAST - FIRST + 1) * HEIGHT];

  /** Loads it. */
  BitmapFont() {
    try (InputStream file = BitmapFont.class.getResourceAsStream(RESOURCE)) {
      if (file == null) {
        throw new IllegalStateException(RESOURCE + " is not on the class path");
      }
      new String(file.readAllBytes(), StandardCharsets.US_ASCII).lines().forEach(this::load);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot load " + RESOURCE, e);
    }
  }

  private void load(String line) {
    int colon = line.indexOf(':');
    int letter = Integer.parseInt(line.substring(0, colon), 16);
    byte[] read = HexFormat.of().parseHex(line.substring(colon + 1));
    System.arraycopy(read, 0, rows, (letter - FIRST) * HEIGHT, HEIGHT);
  }

  /**
   * Whether there is ink at a point of a letter; of one that is not there, as in a question mark.
   */
  boolean isInk(char letter, int x, int y) {
    char known = letter < FIRST || letter > LAST ? '?' : letter;
    return (rows[(known - FIRST) * HEIGHT + y] >>> (WIDTH - 1 - x) & 1) != 0;
  }
}
