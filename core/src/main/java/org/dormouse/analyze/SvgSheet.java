package org.dormouse.analyze;

import java.util.Base64;

/** Writes a page as Scalable Vector Graphics (W3C, version 1.1), the cells as an embedded image. */
final class SvgSheet {
  private final StringBuilder svg = new StringBuilder();

  private SvgSheet() {}

  /** The file. */
  static String of(Shape.Sheet sheet) {
    SvgSheet writer = new SvgSheet();
    writer.line(
        String.format(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\""
                + " font-family=\"ui-monospace, 'DejaVu Sans Mono', monospace\">",
            sheet.width(), sheet.height(), sheet.width(), sheet.height()));
    writer.line(
        String.format(
            "<rect width=\"%d\" height=\"%d\" fill=\"%s\"/>",
            sheet.width(), sheet.height(), color(sheet.background())));
    sheet.shapes().forEach(writer::draw);
    writer.line("</svg>");
    return writer.svg.toString();
  }

  private void draw(Shape shape) {
    switch (shape) {
      case Shape.Box(int x, int y, int width, int height, int color) ->
          line(
              String.format(
                  "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"3\" fill=\"%s\"/>",
                  x, y, width, height, color(color)));
      case Shape.Frame(int x, int y, int width, int height, int color) ->
          line(
              String.format(
                  "<rect x=\"%d.5\" y=\"%d.5\" width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"%s\""
                      + " stroke-opacity=\".25\"/>",
                  x, y, width - 1, height - 1, color(color)));
      case Shape.Text(int x, int y, int scale, int color, String text) ->
          line(
              String.format(
                  "<text x=\"%d\" y=\"%d\" font-size=\"%d\" fill=\"%s\" xml:space=\"preserve\">%s</text>",
                  x, y, scale == 1 ? 13 : 24, color(color), escaped(text)));
      case Shape.Cells cells -> cells(cells);
    }
  }

  private void cells(Shape.Cells cells) {
    MemoryPicture picture = cells.picture();
    line(
        String.format(
            "<image x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" style=\"image-rendering:pixelated\""
                + " href=\"data:image/png;base64,%s\"/>",
            cells.x(),
            cells.y(),
            picture.width() * cells.scale(),
            picture.height() * cells.scale(),
            Base64.getEncoder()
                .encodeToString(PngFile.of(picture.width(), picture.height(), picture.colors()))));
  }

  private void line(String text) {
    svg.append(text).append('\n');
  }

  private static String color(int rgb) {
    return String.format("#%06x", rgb);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
