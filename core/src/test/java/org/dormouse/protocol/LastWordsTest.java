package org.dormouse.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LastWordsTest {
  @Test
  void aSignalIsNamedInTheMiddleOfWhatTheVirtualMachinePrints() {
    LastWords words =
        LastWords.of(
            """
            #
            # A fatal error has been detected by the Java Runtime Environment:
            #
            #  SIGILL (0x4) at pc=0x00007f1282c51f14 (sent by kill), pid=80, tid=80
            #
            END.
            """);
    assertThat(words.cause())
        .contains("SIGILL (0x4) at pc=0x00007f1282c51f14 (sent by kill), pid=80, tid=80");
  }

  @Test
  void anExceptionIsNamedAndNotTheEndOfItsTrace() {
    LastWords words =
        LastWords.of(
            """
            [warning][aot] something else
            Exception in thread "main" java.io.IOException: no way back
            \tat org.dormouse.agent.Main.main(Main.java:1)
            """);
    assertThat(words.cause())
        .contains("Exception in thread \"main\" java.io.IOException: no way back");
  }

  @Test
  void otherwiseTheLastLineThatSaysSomething() {
    assertThat(LastWords.of("first\nlast\n\n").cause()).contains("last");
    assertThat(LastWords.of("").cause()).isEmpty();
  }

  @Test
  void ofAThousandLinesTheFirstAreTold() {
    String many =
        IntStream.range(0, 1000).mapToObj(Integer::toString).collect(Collectors.joining("\n"));
    assertThat(LastWords.of(many).told()).hasSize(40).startsWith("0", "1");
    assertThat(LastWords.of("one").told()).containsExactly("one");
  }
}
