package org.dormouse.analyze;

/**
 * Hilbert's curve through a square of cells: what is near on the line is near in the square, and an
 * aligned block of 4ⁿ cells of the line is a square.
 */
final class HilbertCurve {
  private HilbertCurve() {}

  /**
   * Where a cell is.
   *
   * @param side of the square, a power of two
   * @param place of the cell on the line, 0 or more and less than {@code side * side}
   * @return {@code y * side + x}
   */
  static int cell(int side, long place) {
    int x = 0;
    int y = 0;
    long rest = place;
    for (int size = 1; size < side; size *= 2) {
      int right = (int) (rest >>> 1 & 1);
      int up = (int) ((rest ^ right) & 1);
      if (up == 0) {
        // The quarter is turned, so that the curve enters and leaves it at the right corners.
        if (right == 1) {
          x = size - 1 - x;
          y = size - 1 - y;
        }
        int swapped = x;
        x = y;
        y = swapped;
      }
      x += size * right;
      y += size * up;
      rest >>>= 2;
    }
    return y * side + x;
  }
}
