package org.dormouse.protocol;

import java.time.Duration;
import java.util.Locale;

/**
 * Where a use case says what it is doing, as it goes. Stages follow one another: one begins where
 * the one before it ends. The three kernels that take part in a sleep have different clocks, so no
 * times are given: who reads the lines has a clock.
 */
public interface Journal {
  /** A stage begins. The name is one lower-case word. */
  void stage(String name);

  /** A figure: {@code name} is one lower-case word with underscores. */
  void fact(String name, String value);

  /** A sentence for the person who watches. */
  void say(String sentence);

  /** A figure that is a whole number. */
  default void fact(String name, long value) {
    fact(name, Long.toString(value));
  }

  /** A duration, in seconds. */
  default void seconds(String name, Duration duration) {
    fact(name, String.format(Locale.ROOT, "%.3f", duration.toNanos() / 1e9));
  }

  /** The line that stands for a stage. */
  static String stageLine(String name) {
    return "dormouse: stage " + name;
  }

  /** The line that stands for a figure. */
  static String factLine(String name, String value) {
    return "dormouse: fact " + name + " " + value;
  }

  /** The line that stands for a sentence. */
  static String sayLine(String sentence) {
    return "dormouse: " + sentence;
  }
}
