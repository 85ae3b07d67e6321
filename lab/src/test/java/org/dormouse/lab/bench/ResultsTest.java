package org.dormouse.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.NotEmpty;
import org.dormouse.lab.demo.Stage;
import org.junit.jupiter.api.Test;

class ResultsTest {
  private static Measurement sleep(Quantity what, double seconds, long bytes) {
    return Measurement.sleep(
        what,
        seconds,
        List.of(new Stage("save", Duration.ofMillis((long) (seconds * 1000)))),
        OptionalLong.of(bytes),
        0);
  }

  private static Measurement wake(Quantity what, double seconds) {
    return Measurement.wake(what, seconds, List.of(), 1);
  }

  private static final Results RESULTS =
      new Results(
          List.of(
              sleep(Quantity.SWSUSP_LZO_SLEEP, 6, 600 << 20),
              sleep(Quantity.SWSUSP_LZO_SLEEP, 5, 500 << 20),
              sleep(Quantity.SWSUSP_LZO_SLEEP, 9, 400 << 20),
              sleep(Quantity.SWSUSP_LZ4_SLEEP, 7, 700 << 20),
              wake(Quantity.SWSUSP_LZO_WAKE, 8),
              wake(Quantity.SWSUSP_LZ4_WAKE, 6),
              wake(Quantity.SWSUSP_LZ4_WAKE, 7),
              sleep(Quantity.COLD_SLEEP, 4, 300 << 20)));

  @Test
  void medians() {
    assertThat(Results.median(3)).isEqualTo(3);
    assertThat(Results.median(3, 1)).isEqualTo(2);
    assertThat(Results.median(9, 1, 5)).isEqualTo(5);
  }

  @Property(tries = 100)
  void aMedianHasAsManyBelowAsAbove(
      @ForAll @NotEmpty List<@DoubleRange(min = 0, max = 100) Double> values) {
    double median = Results.median(values.stream().mapToDouble(Double::doubleValue).toArray());
    long below = values.stream().filter(value -> value < median).count();
    long above = values.stream().filter(value -> value > median).count();
    assertThat(below).isLessThanOrEqualTo(values.size() / 2);
    assertThat(above).isLessThanOrEqualTo(values.size() / 2);
  }

  @Test
  void theKernelIsJudgedByItsBetterCompressor() {
    assertThat(RESULTS.figures())
        .containsEntry("swsusp_sleep_s", 6.0)
        .containsEntry("swsusp_wake_s", 6.5)
        .containsEntry("swsusp_image_bytes", 500L << 20)
        .containsEntry("swsusp_lzo_sleep_s", 6.0)
        .containsEntry("swsusp_lz4_sleep_s", 7.0)
        .containsEntry("cold_sleep_s", 4.0)
        .containsEntry("cold_image_bytes", 300L << 20)
        .doesNotContainKeys("warm_sleep_s", "direct_wake_s");
  }

  @Test
  void theTableHasALineForEachThatWasMeasured() {
    assertThat(RESULTS.table())
        .hasSize(6)
        .anySatisfy(line -> assertThat(line).contains("(LZO) sleeps", "6.00 s", "9.00", "500 MiB"));
  }

  @Test
  void theBarIsOfAMeasurementThatWasMade() {
    assertThat(RESULTS.bars()).hasSize(5);
    assertThat(RESULTS.bars().getFirst().seconds()).isEqualTo(6);
  }
}
