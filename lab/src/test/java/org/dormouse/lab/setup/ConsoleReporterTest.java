package org.dormouse.lab.setup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ConsoleReporterTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

  private String shown() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aLogGetsOneLineWhenAStepBeginsAndOneWithItsTime() throws Exception {
    Reporter reporter = ConsoleReporter.inLines(out);
    int answer =
        reporter.step(
            "kernel: compile",
            () -> {
              reporter.progress(1, 2);
              return 42;
            });

    assertThat(answer).isEqualTo(42);
    assertThat(shown()).matches(" {2}kernel: compile ...\n {2}kernel: compile: \\d+\\.\\d s\n");
  }

  @Test
  void aStepThatFailsIsShownAsFailed() {
    Reporter reporter = ConsoleReporter.inLines(out);
    assertThatThrownBy(
            () ->
                reporter.step(
                    "unpack",
                    () -> {
                      throw new SetupException("disk full", "nothing", "free some");
                    }))
        .isInstanceOf(SetupException.class);
    assertThat(shown()).endsWith("  unpack: failed\n");
  }

  @Test
  void aTerminalShowsABarThatNeverClaimsToBeDone() throws Exception {
    Reporter reporter = ConsoleReporter.onTerminal(out);
    reporter.step(
        "compile",
        () -> {
          waitForNextDrawing();
          reporter.progress(3000, 2000);
          return 0;
        });
    assertThat(shown()).contains("[#####", "99 %");
    assertThat(shown()).endsWith("s\u001b[K\n");
  }

  private static void waitForNextDrawing() {
    try {
      Thread.sleep(150);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
