package org.dormouse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class LabelledLinesTest {
  private final StringWriter pipe = new StringWriter();
  private final PrintWriter target = new PrintWriter(pipe);
  private final PrintWriter out = new PrintWriter(new LabelledLines("o", target));
  private final PrintWriter err = new PrintWriter(new LabelledLines("e", target));

  @Test
  void eachLineHasItsLabelHoweverItIsWritten() {
    out.print("a li");
    err.println("an error");
    out.print("ne\nanother\n");
    out.println();
    out.flush();
    assertThat(pipe).hasToString("ean error\noa line\noanother\no\n");
  }

  @Test
  void whatIsNoWholeLineComesAtTheEnd() {
    out.print("unfinished");
    out.flush();
    assertThat(pipe.toString()).isEmpty();
    out.close();
    err.close();
    assertThat(pipe).hasToString("ounfinished\n");
  }
}
