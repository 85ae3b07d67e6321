package org.dormouse.saver;

import java.time.Duration;
import java.util.Optional;
import org.dormouse.protocol.Journal;
import org.dormouse.text.Report;

/**
 * Calls the saver's work off when its time is over. What does not stop then, because a device
 * hangs, is ended by a panic, which goes back to the original kernel too.
 */
final class TimeLimit implements AutoCloseable {
  /** How long the work may take to stop. */
  private static final Duration GRACE = Duration.ofSeconds(10);

  private final Optional<Thread> watcher;

  /** Begins. */
  TimeLimit(Optional<Duration> limit, CallOff callOff, Journal journal) {
    watcher =
        limit.map(
            time ->
                Thread.ofPlatform()
                    .name("time-limit")
                    .daemon(true)
                    .start(() -> watch(time, callOff, journal)));
  }

  private static void watch(Duration limit, CallOff callOff, Journal journal) {
    try {
      Thread.sleep(limit);
      if (callOff.because(over(limit))) {
        Thread.sleep(GRACE);
        if (!callOff.isLate()) {
          WayOut.byPanic("the time limit is over, and the saver cannot stop", journal);
        }
      }
    } catch (InterruptedException e) {
      // The work has ended.
      Thread.currentThread().interrupt();
    }
  }

  private static Report over(Duration limit) {
    return new Report(
        "the saver was not done after " + limit.toSeconds() + " s, its time limit",
        "There is no image.",
        "Give it more time with --timeout, or a faster store.");
  }

  /** Ends it. */
  @Override
  public void close() {
    watcher.ifPresent(Thread::interrupt);
  }
}
