package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.dormouse.image.Image;
import org.dormouse.image.ImageHeader;
import org.dormouse.lab.demo.Comparison;
import org.dormouse.lab.demo.GuestState;
import org.dormouse.lab.demo.Scenario;
import org.dormouse.store.BlockStore;

/** What the tests ask of a guest, and of its store, after something was done to them. */
final class Guests {
  /** The slowest of the workload's counters counts five times a second. */
  private static final Duration LONG_ENOUGH_TO_COUNT = Duration.ofMillis(500);

  /** More than any of the tests' guests has been awake: that counters jumped is for others to see. */
  private static final Duration AT_MOST_AWAKE = Duration.ofMinutes(30);

  private Guests() {}

  /**
   * The guest is the one that it was: kernel, processes, CPUs, counters, connection, files, and
   * every page that the workload has filled.
   */
  static void assertGoesOn(Scenario scenario, GuestState before)
      throws IOException, InterruptedException {
    GuestState after = scenario.state();
    GuestState memory = scenario.verifyMemory();
    assertThat(memory.number("wrong_pages")).as("pages of memory that are wrong").isZero();
    assertThat(memory.number("checked_pages"))
        .as("pages of memory that were filled")
        .isEqualTo(before.number("filled_bytes") / 4096);
    Thread.sleep(LONG_ENOUGH_TO_COUNT);
    assertThat(
            Comparison.firstWrong(
                Comparison.of(before, after, scenario.state(), AT_MOST_AWAKE)))
        .isEmpty();
  }

  /** What the store on the host's disk says of itself. */
  static ImageHeader headerOf(Path store) throws IOException {
    try (BlockStore opened = BlockStore.forReading(store)) {
      return Image.header(opened);
    }
  }
}
