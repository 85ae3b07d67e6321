package org.dormouse.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

class BarChartTest {
  private static final BarChart CHART =
      new BarChart(
          "1 < 2 & more",
          List.of(
              new BarChart.Bar(
                  "one", List.of(new BarChart.Part("a", 2), new BarChart.Part("b", 1))),
              new BarChart.Bar("two", List.of(new BarChart.Part("b", 6)))));

  private static Document parsed(BarChart chart) throws Exception {
    return DocumentBuilderFactory.newDefaultInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(chart.svg())));
  }

  @Test
  void isWellFormedAndSaysEverything() throws Exception {
    Document svg = parsed(CHART);
    assertThat(svg.getDocumentElement().getTagName()).isEqualTo("svg");
    assertThat(svg.getDocumentElement().getTextContent())
        .contains("1 < 2 & more", "one", "two", "seconds", "3.00 s", "6.00 s");
  }

  @Test
  void partsAreAsWideAsTheyAreLong() throws Exception {
    var rectangles = parsed(CHART).getElementsByTagName("rect");
    // The first is the background.
    double a = width(rectangles.item(1));
    double b = width(rectangles.item(2));
    double c = width(rectangles.item(3));
    assertThat(a).isCloseTo(2 * b, org.assertj.core.data.Offset.offset(0.02));
    assertThat(c).isCloseTo(6 * b, org.assertj.core.data.Offset.offset(0.04));
  }

  private static double width(org.w3c.dom.Node node) {
    return Double.parseDouble(((Element) node).getAttribute("width"));
  }

  @Test
  void whatIsWrittenOnAColourCanBeRead() {
    assertThat(BarChart.readableOn("#882255")).isEqualTo("#ffffff");
    assertThat(BarChart.readableOn("#ccbb44")).isEqualTo("#222222");
  }

  @Test
  void withoutBarsItIsStillAPicture() throws Exception {
    assertThat(parsed(new BarChart("nothing", List.of())).getDocumentElement()).isNotNull();
  }

  @ParameterizedTest
  @CsvSource({"0.7, 0.1", "1.5, 0.2", "8, 1", "12, 2", "45, 5", "99, 10", "101, 20"})
  void ticksAreRoundAndFew(double longest, double tick) {
    assertThat(BarChart.tick(longest)).isCloseTo(tick, org.assertj.core.data.Offset.offset(1e-9));
  }
}
