package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.dormouse.lab.demo.Comparison;
import org.dormouse.lab.demo.GuestState;
import org.dormouse.lab.demo.Scenario;

/** A guest with a workload, as it said it was at one moment. */
record SameGuest(GuestState before, long sinceNanos) {
  private static final int PAGE_BYTES = 4096;

  /** How long a counter may stand still: one that flushes a file waits for the host's disk. */
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static final Duration GLANCE = Duration.ofMillis(500);

  /** What it is now. */
  static SameGuest of(Scenario scenario) throws Exception {
    return new SameGuest(scenario.state(), System.nanoTime());
  }

  /** Fails if it is not the guest that it was, down to each page that its workload has filled. */
  void check(Scenario scenario) throws Exception {
    GuestState after = scenario.state();
    Duration awake = Duration.ofNanos(System.nanoTime() - sinceNanos);
    GuestState memory = scenario.verifyMemory();
    assertThat(memory.number("wrong_pages")).isZero();
    assertThat(memory.number("checked_pages"))
        .isEqualTo(before.number("filled_bytes") / PAGE_BYTES)
        .isPositive();
    Optional<String> wrong = wrong(after, scenario.state(), awake);
    for (long end = System.nanoTime() + PATIENCE.toNanos();
        wrong.isPresent() && System.nanoTime() < end; ) {
      Thread.sleep(GLANCE);
      wrong = wrong(after, scenario.state(), awake);
    }
    assertThat(wrong).isEmpty();
  }

  private Optional<String> wrong(GuestState after, GuestState later, Duration awake) {
    return Comparison.firstWrong(Comparison.of(before, after, later, awake));
  }
}
