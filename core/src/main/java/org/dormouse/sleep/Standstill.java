package org.dormouse.sleep;

import java.time.Duration;

/**
 * How long this kernel and its programs stood still, while another one ran: from the call that
 * jumps to its return. So what the kernel does before the jump and after it, programs and devices
 * stopped, is in it.
 *
 * @param time by the processor's time stamp counter
 * @param trust whether it can be relied upon
 */
public record Standstill(Duration time, Trust trust) {
  /** Why the time can be relied upon, or cannot. */
  public enum Trust {
    /** The processor promises that its counter runs evenly and never stops. */
    PROMISED,
    /** It does not, and the real-time clock, which has whole seconds, does not contradict. */
    NOT_CONTRADICTED,
    /** The real-time clock says something else, or there is none. */
    DOUBTFUL
  }

  /**
   * How far the two may be from one another: a second that the real-time clock may be off at each
   * end.
   */
  private static final Duration CLOCK_STEP = Duration.ofSeconds(2);

  /**
   * What was measured.
   *
   * @param time by the time stamp counter
   * @param clock how much later it was then by the real-time clock
   * @param even whether the processor promises that its counter is
   */
  static Standstill of(Duration time, Duration clock, Evenness even) {
    Trust other =
        time.minus(clock).abs().compareTo(CLOCK_STEP) <= 0
            ? Trust.NOT_CONTRADICTED
            : Trust.DOUBTFUL;
    return new Standstill(time, even == Evenness.PROMISED ? Trust.PROMISED : other);
  }

  /** What a processor says of its time stamp counter. */
  enum Evenness {
    PROMISED,
    NOT_PROMISED
  }

  /** In seconds. */
  public double seconds() {
    return time.toNanos() / 1e9;
  }
}
