package org.dormouse.analyze;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.dormouse.memory.Pages;
import org.dormouse.text.Quantity;

/** A picture of memory with title and legend, laid out on a page. */
final class MemorySheet {
  private static final int MAP_POINTS = 1024;
  private static final int MARGIN = 32;
  private static final int TITLE = 72;
  private static final int LEGEND = 400;
  private static final int LINE = 28;
  private static final int SWATCH = 16;

  /** Letters. */
  private static final int LONGEST_NAME = 21;

  private static final int BACKGROUND = 0x0b0d10;
  private static final int INK = 0xe6e8eb;
  private static final int FAINT = 0x9aa1ab;

  /** A label needs some room. */
  private static final int LEAST_LABELLED = 64;

  private final MemoryPicture picture;
  private final List<Shape> shapes = new ArrayList<>();

  private MemorySheet(MemoryPicture picture) {
    this.picture = picture;
  }

  /**
   * Lays it out.
   *
   * @param title what it is a picture of
   * @param subtitle more of that, in smaller letters
   */
  static Shape.Sheet of(MemoryPicture picture, String title, String subtitle) {
    return new MemorySheet(picture).sheet(title, subtitle);
  }

  private Shape.Sheet sheet(String title, String subtitle) {
    int scale = Math.max(1, MAP_POINTS / Math.max(picture.width(), picture.height()));
    int width = picture.width() * scale;
    int height = picture.height() * scale;
    shapes.add(new Shape.Text(MARGIN, 40, 2, INK, title));
    shapes.add(new Shape.Text(MARGIN, 62, 1, FAINT, subtitle));
    int top = TITLE + 12;
    shapes.add(new Shape.Cells(MARGIN, top, scale, picture));
    for (MemoryPicture.Part part : picture.parts()) {
      part(part, scale, top);
    }
    int bottom = legend(MARGIN + width + MARGIN, top);
    return new Shape.Sheet(
        MARGIN + width + MARGIN + LEGEND,
        Math.max(top + height, bottom) + MARGIN,
        BACKGROUND,
        shapes);
  }

  private void part(MemoryPicture.Part part, int scale, int top) {
    int x = MARGIN + part.x() * scale;
    int y = top + part.y() * scale;
    int width = Math.min(part.width(), picture.width() - part.x()) * scale;
    int height = Math.min(part.height(), picture.height() - part.y()) * scale;
    shapes.add(new Shape.Frame(x, y, width, height, INK));
    if (width >= LEAST_LABELLED && height >= LEAST_LABELLED) {
      String name = part.start() == 0 ? "0" : Quantity.bytes(Pages.address(part.start()));
      shapes.add(new Shape.Text(x + 5, y + 15, 1, BACKGROUND, name));
      shapes.add(new Shape.Text(x + 4, y + 14, 1, INK, name));
    }
  }

  private int legend(int x, int top) {
    long all = picture.totals().values().stream().mapToLong(Long::longValue).sum();
    int y = top + SWATCH;
    for (PictureKind kind : PictureKind.values()) {
      Long pages = picture.totals().get(kind);
      if (pages != null) {
        shapes.add(new Shape.Box(x, y - SWATCH + 3, SWATCH, SWATCH, kind.color()));
        shapes.add(new Shape.Text(names(x), y, 1, INK, kind.text()));
        shapes.add(
            new Shape.Text(
                figures(x),
                y,
                1,
                FAINT,
                amount(pages) + String.format(Locale.ROOT, " %6.1f %%", 100.0 * pages / all)));
        y += LINE;
      }
    }
    shapes.add(new Shape.Text(names(x), y + 8, 1, INK, "memory"));
    shapes.add(new Shape.Text(figures(x), y + 8, 1, INK, amount(all)));
    return y + LINE;
  }

  private static int names(int legend) {
    return legend + 2 * SWATCH - 6;
  }

  private static int figures(int legend) {
    return names(legend) + LONGEST_NAME * BitmapFont.WIDTH;
  }

  private static String amount(long pages) {
    return String.format("%10s", Quantity.bytes(Pages.address(pages)));
  }
}
