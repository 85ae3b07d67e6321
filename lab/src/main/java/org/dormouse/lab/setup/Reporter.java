package org.dormouse.lab.setup;

import java.time.Duration;

/** Is told what the set-up does, one step after the other, so that a user can see it. */
public interface Reporter {
  /** A step begins; the one before it has ended. */
  void started(String step);

  /**
   * The step has come this far.
   *
   * @param done units of work done
   * @param expected units of work in all, an estimate: {@code done} may exceed it
   */
  void progress(long done, long expected);

  /** The step that began last has ended well. */
  void finished(String step, Duration took);

  /** The step that began last has failed; an exception says why. */
  void failed(String step);

  /** A step's work. */
  @FunctionalInterface
  interface Work<T> {
    T run() throws SetupException;
  }

  /** Runs the work as a step of this name, and returns what it returns. */
  default <T> T step(String name, Work<T> work) throws SetupException {
    started(name);
    long begun = System.nanoTime();
    boolean done = false;
    try {
      T result = work.run();
      done = true;
      finished(name, Duration.ofNanos(System.nanoTime() - begun));
      return result;
    } finally {
      if (!done) {
        failed(name);
      }
    }
  }
}
