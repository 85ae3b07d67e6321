package org.dormouse.analyze;

import java.util.List;

/** What a page is drawn of, in points from its upper left corner. */
sealed interface Shape {
  /**
   * A filled rectangle.
   *
   * @param color red, green and blue, 8 bits each
   */
  record Box(int x, int y, int width, int height, int color) implements Shape {}

  /** The outline of a rectangle, one point wide, half transparent. */
  record Frame(int x, int y, int width, int height, int color) implements Shape {}

  /**
   * Text of fixed width.
   *
   * @param x where it begins
   * @param y its base line
   * @param scale 1 for letters 8 points wide, 2 for twice as large ones
   */
  record Text(int x, int y, int scale, int color, String text) implements Shape {}

  /** The cells of a picture, each a square of {@code scale} points. */
  record Cells(int x, int y, int scale, MemoryPicture picture) implements Shape {}

  /** A page with its size. */
  record Sheet(int width, int height, int background, List<Shape> shapes) {
    public Sheet {
      shapes = List.copyOf(shapes);
    }
  }
}
