package org.dormouse.saver;

import java.util.Optional;
import org.dormouse.text.Report;

/**
 * Whether the saver's work may still be called off, and why it was. Belongs to the thread that
 * works; any other may call it off.
 */
final class CallOff {
  private final Thread worker = Thread.currentThread();
  private Optional<Report> why = Optional.empty();
  private boolean late;

  /**
   * Calls the work off: the thread is interrupted.
   *
   * @return false if it is too late, or was called off before
   */
  synchronized boolean because(Report report) {
    if (late || why.isPresent()) {
      return false;
    }
    why = Optional.of(report);
    worker.interrupt();
    return true;
  }

  /**
   * From now on it cannot be called off any more.
   *
   * @throws InterruptedException if it was called off
   */
  synchronized void tooLate() throws InterruptedException {
    late = true;
    if (why.isPresent()) {
      throw new InterruptedException(why.get().happened());
    }
  }

  /** Why it was called off; clears the interrupt. */
  synchronized Optional<Report> why() {
    late = true;
    if (why.isPresent()) {
      // Whoever was interrupted may have noticed it or not.
      Thread.interrupted();
    }
    return why;
  }

  /** Whether the work has come to an end, in one way or the other. */
  synchronized boolean isLate() {
    return late;
  }
}
