package org.dormouse.saver;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class StuckWatchTest {
  private static final Duration PATIENCE = Duration.ofMillis(200);

  @Test
  void actsOnceNothingMoves() throws InterruptedException {
    CountDownLatch acted = new CountDownLatch(1);
    try (StuckWatch _ = new StuckWatch(PATIENCE, () -> 7, acted::countDown)) {
      assertThat(acted.await(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void leavesAWalkAloneThatGetsOn() throws InterruptedException {
    CountDownLatch acted = new CountDownLatch(1);
    AtomicLong moved = new AtomicLong();
    try (StuckWatch _ = new StuckWatch(PATIENCE, moved::incrementAndGet, acted::countDown)) {
      assertThat(acted.await(600, TimeUnit.MILLISECONDS)).isFalse();
    }
  }

  @Test
  void aWatchThatIsOverDoesNotAct() throws InterruptedException {
    CountDownLatch acted = new CountDownLatch(1);
    new StuckWatch(PATIENCE, () -> 7, acted::countDown).close();
    assertThat(acted.await(500, TimeUnit.MILLISECONDS)).isFalse();
  }
}
