package org.dormouse.lab.workload;

/** Counts ten times a second, and looks whether the monotonic clock ever goes backwards. */
final class Ticker implements Runnable {
  private static final long PERIOD_MILLIS = 100;

  private volatile long ticks;
  private volatile long clockErrors;

  long ticks() {
    return ticks;
  }

  long clockErrors() {
    return clockErrors;
  }

  @Override
  public void run() {
    long count = 0;
    long errors = 0;
    long last = System.nanoTime();
    try {
      while (true) {
        Thread.sleep(PERIOD_MILLIS);
        long now = System.nanoTime();
        if (now < last) {
          clockErrors = ++errors;
        }
        last = now;
        ticks = ++count;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
