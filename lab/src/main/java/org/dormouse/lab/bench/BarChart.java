package org.dormouse.lab.bench;

import java.io.StringWriter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedSet;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * A picture of bars that are made of parts, as SVG: times from left to right, a bar a line, a
 * colour for each name of a part.
 *
 * @param title a line above it
 * @param bars from top to bottom
 */
public record BarChart(String title, List<Bar> bars) {
  /**
   * A bar.
   *
   * @param label what stands to the left of it
   * @param parts from left to right
   */
  public record Bar(String label, List<Part> parts) {
    public Bar {
      parts = List.copyOf(parts);
    }

    double seconds() {
      return parts.stream().mapToDouble(Part::seconds).sum();
    }
  }

  /** A part of a bar, of that many seconds. */
  public record Part(String name, double seconds) {}

  // All measures are in the picture's own units: pixels at its natural size.
  private static final int LEFT = 190;
  private static final int WIDTH = 720;
  private static final int RIGHT = 70;
  private static final int TOP = 56;
  private static final int BAR = 26;
  private static final int LINE = 38;
  private static final int AXIS = 44;
  private static final int LEGEND_LINE = 24;
  private static final int LEGEND_COLUMN = 155;
  private static final int LEGEND_COLUMNS = 6;
  private static final int SWATCH = 14;
  private static final int CHARACTER = 7;
  private static final int TICKS_AT_MOST = 10;

  /** Told apart also by people who do not see red and green; dark and light ones alternate. */
  private static final List<String> COLOURS =
      List.of(
          "#4477aa", "#ccbb44", "#66ccee", "#ee6677", "#bbbbbb", "#228833", "#ddaa77", "#aa3377",
          "#99ddbb", "#882255", "#88aadd", "#777733", "#ffaabb", "#44aa99", "#dddddd", "#555555");

  private static final String INK = "#222222";
  private static final String PAPER = "#ffffff";

  /** Half of white's brightness, by the weights of Rec. 601 (299, 587 and 114 of 1000). */
  private static final int MIDDLE_BRIGHTNESS = 127_500;

  public BarChart {
    bars = List.copyOf(bars);
  }

  /** The picture, a whole document. */
  public String svg() {
    StringWriter text = new StringWriter();
    try {
      XMLStreamWriter xml = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
      new Drawing(xml).draw();
      xml.close();
    } catch (XMLStreamException e) {
      throw new AssertionError("writing into a string does not fail", e);
    }
    return text.append('\n').toString();
  }

  /** The distance of the axis's ticks: 1, 2 or 5 of a power of ten, so that they are few. */
  static double tick(double longest) {
    double tick = 0.1;
    while (true) {
      for (double factor : new double[] {1, 2, 5}) {
        if (longest / (tick * factor) <= TICKS_AT_MOST) {
          return tick * factor;
        }
      }
      tick *= 10;
    }
  }

  /** Ink or paper, whichever can be read on a colour. */
  static String readableOn(String colour) {
    int rgb = Integer.parseInt(colour.substring(1), 16);
    int brightness = 299 * (rgb >> 16) + 587 * (rgb >> 8 & 0xff) + 114 * (rgb & 0xff);
    return brightness < MIDDLE_BRIGHTNESS ? PAPER : INK;
  }

  private final class Drawing {
    private final XMLStreamWriter xml;
    private final List<String> names;
    private final double longest;
    private final int bottom = TOP + bars.size() * LINE;

    Drawing(XMLStreamWriter xml) {
      this.xml = xml;
      SequencedSet<String> all = new LinkedHashSet<>();
      bars.forEach(bar -> bar.parts().forEach(part -> all.add(part.name())));
      names = List.copyOf(all);
      double widest = bars.stream().mapToDouble(Bar::seconds).max().orElse(1);
      longest = Math.ceil(widest / tick(widest)) * tick(widest);
    }

    void draw() throws XMLStreamException {
      int width = LEFT + WIDTH + RIGHT;
      int legendLines = Math.ceilDiv(names.size(), LEGEND_COLUMNS);
      int height = bottom + AXIS + 16 + legendLines * LEGEND_LINE;
      xml.writeStartDocument();
      xml.writeStartElement("svg");
      xml.writeDefaultNamespace("http://www.w3.org/2000/svg");
      xml.writeAttribute("width", String.valueOf(width));
      xml.writeAttribute("height", String.valueOf(height));
      xml.writeAttribute("viewBox", "0 0 " + width + " " + height);
      xml.writeAttribute("font-family", "DejaVu Sans, Verdana, sans-serif");
      xml.writeAttribute("font-size", "12");
      rectangle(0, 0, width, height, PAPER, Optional.empty());
      text(16, 28, "start", title, 15);
      axis();
      for (int i = 0; i < bars.size(); i++) {
        bar(bars.get(i), TOP + i * LINE + (LINE - BAR) / 2.0);
      }
      for (int i = 0; i < names.size(); i++) {
        legend(i);
      }
      xml.writeEndElement();
      xml.writeEndDocument();
    }

    private void axis() throws XMLStreamException {
      double tick = tick(longest);
      int ticks = (int) Math.round(longest / tick);
      for (int i = 0; i <= ticks; i++) {
        double x = x(i * tick);
        line(x, TOP, x, bottom, i == 0 ? "#333333" : "#dddddd");
        text(x, bottom + 18, "middle", plain(i * tick), 12);
      }
      text(LEFT + WIDTH, bottom + 36, "end", "seconds", 12);
    }

    private void bar(Bar bar, double y) throws XMLStreamException {
      double middle = y + BAR / 2.0 + 4;
      text(LEFT - 10, middle, "end", bar.label(), 12);
      double from = 0;
      for (Part part : bar.parts()) {
        double width = x(from + part.seconds()) - x(from);
        String tip = part.name() + ": " + decimal(part.seconds()) + " s";
        rectangle(x(from), y, width, BAR, colour(part.name()), Optional.of(tip));
        if (width > part.name().length() * CHARACTER + 6) {
          double centre = x(from) + width / 2;
          text(centre, middle, "middle", part.name(), 11, readableOn(colour(part.name())));
        }
        from += part.seconds();
      }
      text(x(from) + 6, middle, "start", decimal(from) + " s", 12);
    }

    private void legend(int index) throws XMLStreamException {
      int x = 16 + index % LEGEND_COLUMNS * LEGEND_COLUMN;
      int y = bottom + AXIS + index / LEGEND_COLUMNS * LEGEND_LINE;
      rectangle(x, y, SWATCH, SWATCH, colour(names.get(index)), Optional.empty());
      text(x + SWATCH + 6, y + SWATCH - 3, "start", names.get(index), 12);
    }

    private String colour(String name) {
      return COLOURS.get(names.indexOf(name) % COLOURS.size());
    }

    private double x(double seconds) {
      return LEFT + seconds / longest * WIDTH;
    }

    private void rectangle(
        double x, double y, double width, double height, String colour, Optional<String> tip)
        throws XMLStreamException {
      xml.writeStartElement("rect");
      xml.writeAttribute("x", decimal(x));
      xml.writeAttribute("y", decimal(y));
      xml.writeAttribute("width", decimal(width));
      xml.writeAttribute("height", decimal(height));
      xml.writeAttribute("fill", colour);
      if (tip.isPresent()) {
        xml.writeStartElement("title");
        xml.writeCharacters(tip.get());
        xml.writeEndElement();
      }
      xml.writeEndElement();
      xml.writeCharacters("\n");
    }

    private void line(double x1, double y1, double x2, double y2, String colour)
        throws XMLStreamException {
      xml.writeEmptyElement("line");
      xml.writeAttribute("x1", decimal(x1));
      xml.writeAttribute("y1", decimal(y1));
      xml.writeAttribute("x2", decimal(x2));
      xml.writeAttribute("y2", decimal(y2));
      xml.writeAttribute("stroke", colour);
    }

    private void text(double x, double y, String anchor, String text, int size)
        throws XMLStreamException {
      text(x, y, anchor, text, size, INK);
    }

    private void text(double x, double y, String anchor, String text, int size, String colour)
        throws XMLStreamException {
      xml.writeStartElement("text");
      xml.writeAttribute("x", decimal(x));
      xml.writeAttribute("y", decimal(y));
      xml.writeAttribute("text-anchor", anchor);
      xml.writeAttribute("font-size", String.valueOf(size));
      xml.writeAttribute("fill", colour);
      xml.writeCharacters(text);
      xml.writeEndElement();
      xml.writeCharacters("\n");
    }

    private static String decimal(double number) {
      return String.format(Locale.ROOT, "%.2f", number);
    }

    /** Without zeros behind the point. */
    private static String plain(double number) {
      return String.format(Locale.ROOT, "%.1f", number).replaceFirst("\\.0$", "");
    }
  }
}
