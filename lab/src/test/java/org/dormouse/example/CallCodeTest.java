package org.dormouse.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The program of {@code docs/library.md}; {@code PhysicalModeIT} runs it. */
class CallCodeTest {
  private static final Path DOCUMENT = Path.of("../docs/library.md");
  private static final Path PROGRAM = Path.of("src/test/java/org/dormouse/example/CallCode.java");

  @Test
  void theDocumentShowsThisProgram() throws Exception {
    String program = Files.readString(PROGRAM);
    String body = program.substring(program.indexOf("  public static void main"));
    assertThat(Files.readString(DOCUMENT)).contains(body.substring(0, body.lastIndexOf('}')));
  }
}
