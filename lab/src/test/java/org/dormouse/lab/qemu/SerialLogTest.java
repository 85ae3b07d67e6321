package org.dormouse.lab.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class SerialLogTest {
  private static final Pattern NEVER = Pattern.compile("(?!)");
  private static final Pattern PANIC = Pattern.compile("panic");

  @TempDir private Path folder;

  private SerialLog logOf(String text) {
    SerialLog log = new SerialLog(folder.resolve("log"), System.nanoTime());
    log.readAll(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    return log;
  }

  @Test
  void linesAreKeptWithoutTheFirmwaresEscapes() throws Exception {
    SerialLog log = logOf("\u001bc\u001b[2J\u001b[?7lSeaBIOS\r\nhello\r\n");
    assertThat(log.lines()).extracting(SerialLine::text).containsExactly("SeaBIOS", "hello");
    assertThat(Files.readAllLines(log.file()).get(1)).matches("\\[ +\\d+\\.\\d{3}] hello");
  }

  @Test
  void aLineIsFoundFromAGivenOneOn() throws Exception {
    SerialLog log = logOf("a 1\nb\na 2\n");
    assertThat(log.await(Pattern.compile("a"), NEVER, 1, Duration.ZERO))
        .isInstanceOfSatisfying(
            SerialLog.Outcome.Found.class, found -> assertThat(found.line().number()).isEqualTo(2));
  }

  @Test
  void anUnwantedLineComesFirst() throws Exception {
    assertThat(logOf("panic\nready\n").await(Pattern.compile("ready"), PANIC, 0, Duration.ZERO))
        .isInstanceOf(SerialLog.Outcome.Unwanted.class);
  }

  @Test
  void theEndOfTheMachineEndsTheWaiting() throws Exception {
    assertThat(logOf("x\n").await(Pattern.compile("ready"), PANIC, 0, Duration.ofMinutes(1)))
        .isInstanceOf(SerialLog.Outcome.Ended.class);
  }

  @Test
  @Timeout(30)
  void aPromptIsSeenBeforeItsLineEnds() throws Exception {
    SerialLog log = new SerialLog(folder.resolve("log"), System.nanoTime());
    PipedInputStream output = new PipedInputStream();
    Thread reader;
    try (PipedOutputStream machine = new PipedOutputStream(output)) {
      reader = Thread.ofPlatform().start(() -> log.readAll(output));
      machine.write("a\r\nb\rPassword: ".getBytes(StandardCharsets.UTF_8));
      machine.flush();
      while (!log.unfinished().equals("Password: ")) {
        Thread.sleep(1);
      }
      assertThat(log.lines()).extracting(SerialLine::text).containsExactly("a", "b");
    }
    reader.join();
    assertThat(log.lines()).extracting(SerialLine::text).containsExactly("a", "b", "Password: ");
    assertThat(log.unfinished()).isEmpty();
  }

  @Test
  void waitingEndsInTime() throws Exception {
    SerialLog log = new SerialLog(folder.resolve("log"), System.nanoTime());
    assertThat(log.await(Pattern.compile("ready"), PANIC, 0, Duration.ofMillis(20)))
        .isInstanceOf(SerialLog.Outcome.TimedOut.class);
  }
}
