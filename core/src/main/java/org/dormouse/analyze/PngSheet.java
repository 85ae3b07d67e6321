package org.dormouse.analyze;

/** Draws a page point by point. */
final class PngSheet {
  private final int width;
  private final int height;
  private final byte[] rgb;
  private final BitmapFont font = new BitmapFont();

  private PngSheet(Shape.Sheet sheet) {
    width = sheet.width();
    height = sheet.height();
    rgb = new byte[3 * width * height];
    fill(0, 0, width, height, sheet.background());
  }

  /** The file. */
  static byte[] of(Shape.Sheet sheet) {
    PngSheet png = new PngSheet(sheet);
    sheet.shapes().forEach(png::draw);
    return PngFile.of(png.width, png.height, png.rgb);
  }

  private void draw(Shape shape) {
    switch (shape) {
      case Shape.Box(int x, int y, int w, int h, int color) -> fill(x, y, w, h, color);
      case Shape.Frame frame -> outline(frame);
      case Shape.Text text -> write(text);
      case Shape.Cells cells -> cells(cells);
    }
  }

  private void fill(int x, int y, int w, int h, int color) {
    for (int row = y; row < y + h; row++) {
      for (int column = x; column < x + w; column++) {
        put(column, row, color);
      }
    }
  }

  private void outline(Shape.Frame frame) {
    for (int x = frame.x(); x < frame.x() + frame.width(); x++) {
      mix(x, frame.y(), frame.color());
      mix(x, frame.y() + frame.height() - 1, frame.color());
    }
    for (int y = frame.y() + 1; y < frame.y() + frame.height() - 1; y++) {
      mix(frame.x(), y, frame.color());
      mix(frame.x() + frame.width() - 1, y, frame.color());
    }
  }

  private void write(Shape.Text text) {
    int left = text.x();
    for (char letter : text.text().toCharArray()) {
      for (int y = 0; y < BitmapFont.HEIGHT; y++) {
        for (int x = 0; x < BitmapFont.WIDTH; x++) {
          if (font.isInk(letter, x, y)) {
            int top = text.y() + (y - BitmapFont.ASCENT) * text.scale();
            fill(left + x * text.scale(), top, text.scale(), text.scale(), text.color());
          }
        }
      }
      left += BitmapFont.WIDTH * text.scale();
    }
  }

  private void cells(Shape.Cells cells) {
    MemoryPicture picture = cells.picture();
    byte[] colors = picture.colors();
    for (int y = 0; y < picture.height() * cells.scale(); y++) {
      for (int x = 0; x < picture.width() * cells.scale(); x++) {
        int from = 3 * (y / cells.scale() * picture.width() + x / cells.scale());
        int to = 3 * ((cells.y() + y) * width + cells.x() + x);
        System.arraycopy(colors, from, rgb, to, 3);
      }
    }
  }

  private void put(int x, int y, int color) {
    if (x >= 0 && x < width && y >= 0 && y < height) {
      int at = 3 * (y * width + x);
      rgb[at] = (byte) (color >>> 16);
      rgb[at + 1] = (byte) (color >>> 8);
      rgb[at + 2] = (byte) color;
    }
  }

  /** A quarter of the color over what is there. */
  private void mix(int x, int y, int color) {
    int at = 3 * (y * width + x);
    for (int i = 0; i < 3; i++) {
      int there = Byte.toUnsignedInt(rgb[at + i]);
      int added = color >>> (16 - 8 * i) & 0xff;
      rgb[at + i] = (byte) ((3 * there + added) / 4);
    }
  }
}
