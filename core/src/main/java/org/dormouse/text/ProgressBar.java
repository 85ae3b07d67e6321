package org.dormouse.text;

import java.time.Duration;

/** How far long work has come, in a line for people. */
public final class ProgressBar {
  private static final int BAR = 30;

  private ProgressBar() {}

  /**
   * A bar with share, rate and time left.
   *
   * @param what the work
   * @param bytes how much is done
   * @param total how much there is to do, in bytes
   * @param time since it began
   */
  public static String line(String what, long bytes, long total, Duration time) {
    double share = total == 0 ? 1 : Math.min(1, (double) bytes / total);
    int filled = (int) (share * BAR);
    double seconds = Math.max(time.toNanos() / 1e9, 1e-3);
    double left = share == 0 ? 0 : seconds / share - seconds;
    return String.format(
        "%s [%s%s] %3d %%  %s/s  %s left",
        what,
        "#".repeat(filled),
        ".".repeat(BAR - filled),
        (int) (share * 100),
        Quantity.bytes((long) (bytes / seconds)),
        share == 0 ? "?" : minutes(left));
  }

  private static String minutes(double seconds) {
    long whole = Math.round(seconds);
    return String.format("%d:%02d", whole / 60, whole % 60);
  }
}
