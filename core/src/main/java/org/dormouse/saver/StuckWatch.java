package org.dormouse.saver;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Watches a walk over memory and store, and acts if it does not get on: a device that hangs would
 * hold the whole machine for ever.
 */
final class StuckWatch implements AutoCloseable {
  /**
   * Longer than any disk's own time limits and retries: 30 s for a command ({@code SD_TIMEOUT} in
   * {@code drivers/scsi/sd.h}), five retries, and a reset.
   */
  static final Duration PATIENCE = Duration.ofMinutes(4);

  private final Thread watcher;

  /**
   * Begins to watch.
   *
   * @param patience how long nothing may move
   * @param moved grows as long as the walk gets on
   * @param act what is done once if it does not
   */
  StuckWatch(Duration patience, LongSupplier moved, Runnable act) {
    watcher =
        Thread.ofPlatform()
            .name("stuck-watch")
            .daemon(true)
            .start(() -> watch(patience, moved, act));
  }

  private static void watch(Duration patience, LongSupplier moved, Runnable act) {
    long last = moved.getAsLong();
    long since = System.nanoTime();
    try {
      while (true) {
        Thread.sleep(patience.dividedBy(10));
        long now = moved.getAsLong();
        if (now != last) {
          last = now;
          since = System.nanoTime();
        } else if (System.nanoTime() - since > patience.toNanos()) {
          act.run();
          return;
        }
      }
    } catch (InterruptedException e) {
      // The walk has ended.
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the watch. */
  @Override
  public void close() {
    watcher.interrupt();
  }
}
