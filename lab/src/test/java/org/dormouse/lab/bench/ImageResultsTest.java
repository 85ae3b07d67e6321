package org.dormouse.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** The table of images next to those of others. */
class ImageResultsTest {
  private static final long MIB = 1 << 20;

  @Test
  void mediansAndWhatTheyShow() {
    ImageResults results =
        new ImageResults(
            600 * MIB,
            List.of(
                wrote("makedumpfile -l -d 1", 9, 300),
                wrote("makedumpfile -l -d 1", 12, 300),
                wrote("makedumpfile -l -d 1", 15, 300),
                wrote("Dormouse lz4, 2 threads", 3, 270),
                wrote("Dormouse lz4, 2 threads", 2, 270),
                wrote("Dormouse lz4, 2 threads", 4, 270),
                read("Dormouse lz4, 2 threads, verify", 1.5)));

    assertThat(results.table()).hasSize(4);
    assertThat(results.table().get(1))
        .matches("makedumpfile -l -d 1 +12\\.00 +13\\.00 +50 +300 +9\\.00 12\\.00 15\\.00");
    assertThat(results.table().get(3)).matches(".*, verify +1\\.50 +400 +1\\.50");
    assertThat(results.goals(2))
        .containsExactly(
            "Dormouse lz4, 2 threads               4.00 times as fast as makedumpfile -l -d 1"
                + " (goal: 3.00), 90 % of its size",
            "Dormouse lz4, 2 threads, verify       2.00 times as fast as Dormouse lz4, 2 threads"
                + " (goal: 1.00)");
    assertThat(results.figures()).containsEntry("vmcore_bytes", 600 * MIB).hasSize(4);
  }

  @Test
  void whoReadsComesRightBehindWhoWrites() {
    List<ImageContender> all =
        ImageBench.contenders(List.of("dormouse"), Path.of("makedumpfile"), 2);
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).reads().isPresent()) {
        assertThat(all.get(i - 1).label()).isEqualTo(all.get(i).reads().get());
      }
    }
    assertThat(all).extracting(ImageContender::label).doesNotHaveDuplicates();
  }

  private static ImageMeasurement wrote(String label, double seconds, long mib) {
    return new ImageMeasurement(label, seconds, seconds + 1, OptionalLong.of(mib * MIB));
  }

  private static ImageMeasurement read(String label, double seconds) {
    return new ImageMeasurement(label, seconds, seconds, OptionalLong.empty());
  }
}
