package org.dormouse.lab.demo;

import java.time.Duration;

/** A part of a sleep or of a waking, and how long it took. */
public record Stage(String name, Duration took) {
  /** How long it took, in seconds. */
  public double seconds() {
    return took.toNanos() / 1e9;
  }
}
