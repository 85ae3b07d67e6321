package org.dormouse.protocol;

import java.time.Duration;
import java.util.Optional;
import org.dormouse.text.KeyValues;

/**
 * How the machine's stay in the saver kernel is to go, whatever the task is.
 *
 * @param shell whether a person gets a shell there before the task
 * @param limit how long the task may take, in whole seconds; empty for as long as it gets on
 * @param watchdog what may watch over the saver while it works, as its driver calls it: a watchdog
 *     that the original kernel can stop, too, for a saver that panics leaves it running
 */
public record Stay(Shell shell, Optional<Duration> limit, Optional<String> watchdog) {
  private static final String SHELL = "shell";
  private static final String YES = "yes";
  private static final String LIMIT = "time_limit";
  private static final String WATCHDOG = "watchdog";

  /** Nothing but the task. */
  public static final Stay USUAL = new Stay(Shell.NONE, Optional.empty(), Optional.empty());

  /** Whether there is a shell. */
  public enum Shell {
    NONE,
    FIRST
  }

  /**
   * Checks the limit.
   *
   * @throws IllegalArgumentException if it is less than a second
   */
  public Stay {
    if (limit.isPresent() && limit.get().toSeconds() < 1) {
      throw new IllegalArgumentException("a time limit of " + limit.get());
    }
  }

  /** The same with this watchdog. */
  public Stay watchedBy(Optional<String> identity) {
    return new Stay(shell, limit, identity);
  }

  /** The same as lines of a request. */
  public KeyValues lines() {
    KeyValues lines = shell == Shell.FIRST ? KeyValues.empty().with(SHELL, YES) : KeyValues.empty();
    if (limit.isPresent()) {
      lines = lines.with(LIMIT, limit.get().toSeconds());
    }
    return watchdog.isPresent() ? lines.with(WATCHDOG, watchdog.get()) : lines;
  }

  /**
   * Reads it from a request.
   *
   * @throws IllegalArgumentException if it makes no sense
   */
  public static Stay of(KeyValues lines) {
    return new Stay(
        lines.find(SHELL).equals(Optional.of(YES)) ? Shell.FIRST : Shell.NONE,
        lines.find(LIMIT).map(_ -> Duration.ofSeconds(lines.number(LIMIT))),
        lines.find(WATCHDOG));
  }
}
