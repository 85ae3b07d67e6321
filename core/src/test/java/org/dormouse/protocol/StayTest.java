package org.dormouse.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.dormouse.text.KeyValues;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StayTest {
  @Test
  void survivesTheWay() {
    for (Stay stay :
        List.of(
            Stay.USUAL,
            new Stay(Stay.Shell.FIRST, Optional.empty(), Optional.empty()),
            new Stay(
                Stay.Shell.NONE,
                Optional.of(Duration.ofSeconds(90)),
                Optional.of("i6300ESB timer")))) {
      assertThat(Stay.of(KeyValues.parse(stay.lines().toString()))).isEqualTo(stay);
    }
  }

  @Test
  void aTaskWithoutItsLinesIsNothingButTheTask() {
    assertThat(Stay.of(new SaverTask.Return().lines())).isEqualTo(Stay.USUAL);
    assertThat(Stay.USUAL.lines().toString()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"time_limit=0", "time_limit=-3", "time_limit=soon"})
  void aLimitThatMakesNoSenseIsRefused(String line) {
    assertThatThrownBy(() -> Stay.of(KeyValues.parse(line)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void whatBecomesOfTheMachineHasAWord() {
    for (Then then : Then.values()) {
      assertThat(Then.of(then.word())).isEqualTo(then);
    }
    assertThatThrownBy(() -> Then.of("POWEROFF")).isInstanceOf(IllegalArgumentException.class);
  }
}
