package org.dormouse.sleep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.dormouse.codec.Codec;
import org.dormouse.text.ReportException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A saver has little memory, and nobody to tell when it is used up. */
class SaverCodecTest {
  @ParameterizedTest(name = "{0} CPUs: up to level {1}")
  @CsvSource({"1, 6", "2, 4", "4, 3"})
  void theLevelIsLimitedByWhatTheSaverHas(int cpus, int highest) {
    assertThatCode(() -> SaverPlanner.checkLevel(new Codec.OfZstd(highest), cpus))
        .doesNotThrowAnyException();
    for (int level : new int[] {highest + 1, 19}) {
      assertThatThrownBy(() -> SaverPlanner.checkLevel(new Codec.OfZstd(level), cpus))
          .isInstanceOfSatisfying(
              ReportException.class,
              e -> {
                assertThat(e.report().happened())
                    .contains("level " + level, cpus + " CPUs", "6.0 MiB");
                assertThat(e.report().state()).contains("Nothing was changed");
                assertThat(e.report().remedy())
                    .isEqualTo("Name a level from 1 to " + highest + ".");
              });
    }
  }
}
