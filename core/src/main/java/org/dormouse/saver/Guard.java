package org.dormouse.saver;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.dormouse.linux.LinuxException;
import org.dormouse.linux.ThisThread;
import org.dormouse.linux.WatchdogTimer;
import org.dormouse.protocol.Journal;

/**
 * A hardware watchdog over a saver that works, if the machine has one: a kernel that stands still
 * with interrupts off ends in an NMI, and that in a panic, which goes back; or in a restart,
 * instead of a machine that is dead until somebody looks.
 */
final class Guard implements AutoCloseable {
  /** Longer than anything that holds a healthy kernel up. */
  private static final int SECONDS = 30;

  private static final Duration PET = Duration.ofSeconds(SECONDS / 6);

  private final Optional<WatchdogTimer> timer;
  private final int processors = Runtime.getRuntime().availableProcessors();
  private final Thread petter;
  private final Journal journal;

  private Guard(Optional<WatchdogTimer> timer, Journal journal) {
    this.timer = timer;
    this.journal = journal;
    this.petter = Thread.ofPlatform().name("watchdog").daemon(true).start(this::pet);
  }

  /**
   * Begins.
   *
   * @param watchdog what may be used for it, as its driver calls it; empty for nothing
   */
  static Guard begin(Optional<String> watchdog, Journal journal) {
    try {
      Optional<WatchdogTimer> timer =
          watchdog.isPresent() ? WatchdogTimer.start(watchdog.get(), SECONDS) : Optional.empty();
      journal.fact("watchdog", timer.isPresent() ? "yes" : "no");
      return new Guard(timer, journal);
    } catch (IOException e) {
      journal.say("no watchdog: " + e.getMessage());
      return new Guard(Optional.empty(), journal);
    }
  }

  private void pet() {
    try {
      // Each time from another processor, so that one that stands still is missed. For one that
      // never came up it is done from where this runs.
      for (int turn = 0; timer.isPresent(); turn++) {
        boolean _ = ThisThread.moveTo(turn % processors);
        timer.get().pet();
        Thread.sleep(PET);
      }
    } catch (LinuxException e) {
      journal.say("the watchdog cannot be kept quiet: " + e.getMessage());
    } catch (InterruptedException e) {
      // The work has ended.
      Thread.currentThread().interrupt();
    }
  }

  /** Stops the watchdog. */
  @Override
  public void close() {
    petter.interrupt();
    try {
      petter.join();
      if (timer.isPresent()) {
        timer.get().close();
      }
    } catch (LinuxException e) {
      journal.say("the watchdog cannot be stopped: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
