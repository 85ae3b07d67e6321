package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class PowerCutTest {
  private static final Path DOCUMENT = Path.of("..", "docs", "image-format.md");

  /** One table, in the document and as code. */
  @Test
  void hasTheRowsOfTheDocument() throws IOException {
    List<String> lines = Files.readAllLines(DOCUMENT);
    List<String> rows =
        lines.subList(lines.indexOf("### When the power fails"), lines.size()).stream()
            .dropWhile(line -> !line.startsWith("| **save**"))
            .takeWhile(line -> line.startsWith("|"))
            .map(line -> line.split("\\|", -1)[2].strip())
            .toList();
    assertThat(rows).isEqualTo(Arrays.stream(PowerCut.values()).map(PowerCut::moment).toList());
  }
}
