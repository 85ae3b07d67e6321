package org.dormouse.lab.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ComparisonTest {
  private static final Duration AWAKE = Duration.ofSeconds(4);

  private static GuestState state(long count, String... changes) {
    Map<String, String> values =
        new HashMap<>(
            GuestState.parse(
                    """
                    boot_id=1-2-3
                    cpus=2
                    cpus_online=0-1
                    java_pid=81
                    counter_pid=82
                    peer_pid=90
                    counter_alive=yes
                    peer_alive=yes
                    filled_bytes=4096
                    clock_errors=0
                    conversation=alive
                    file_wrong=0
                    tmpfs_wrong=0
                    """)
                .values());
    for (String counter : new String[] {"ticks", "shell_count", "file_lines", "sent", "received"}) {
      values.put(counter, Long.toString(count));
    }
    for (int i = 0; i < changes.length; i += 2) {
      values.put(changes[i], changes[i + 1]);
    }
    return new GuestState(values);
  }

  @Test
  void aGuestThatGoesOnIsTheSame() {
    assertThat(Comparison.firstWrong(Comparison.of(state(100), state(120), state(130), AWAKE)))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "boot_id, 9-9-9",
    "cpus_online, 0",
    "java_pid, 5",
    "peer_pid, 5",
    "filled_bytes, 0",
    "ticks, 3",
    "ticks, 900",
    "shell_count, 0",
    "file_lines, 5"
  })
  void oneThatIsNotWhatItWasIsFound(String name, String value) {
    GuestState after = state(120, name, value);
    assertThat(Comparison.firstWrong(Comparison.of(state(100), after, state(130), AWAKE)))
        .hasValueSatisfying(what -> assertThat(what).contains(value));
  }

  @ParameterizedTest
  @CsvSource({
    "counter_alive, no",
    "peer_alive, no",
    "clock_errors, 1",
    "conversation, broken: x",
    "file_wrong, 2",
    "tmpfs_wrong, 1",
    "received, 120",
    "sent, 120",
    "ticks, 120"
  })
  void oneThatDoesNotGoOnIsFound(String name, String value) {
    GuestState later = state(130, name, value);
    assertThat(Comparison.firstWrong(Comparison.of(state(100), state(120), later, AWAKE)))
        .hasValueSatisfying(what -> assertThat(what).contains(value));
  }

  @Test
  void memoryWithAWrongPageIsFound() {
    assertThat(MemoryFinding.of(state(1), GuestState.parse("wrong_pages=1\nchecked_pages=1")))
        .isInstanceOf(Finding.Wrong.class);
  }

  @Test
  void memoryThatIsGoneIsFound() {
    assertThat(MemoryFinding.of(state(1), GuestState.parse("wrong_pages=0\nchecked_pages=0")))
        .isInstanceOf(Finding.Wrong.class);
  }

  @Test
  void memoryThatIsRight() {
    assertThat(MemoryFinding.of(state(1), GuestState.parse("wrong_pages=0\nchecked_pages=1")))
        .isInstanceOf(Finding.Same.class);
  }

  @Test
  void whatTheGuestDoesNotSayIsAnError() {
    assertThatThrownBy(() -> GuestState.parse("a=1\nnonsense").number("ticks"))
        .hasMessageContaining("ticks");
  }
}
