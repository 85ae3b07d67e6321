package org.dormouse.lab.demo;

import java.time.Duration;
import java.util.List;
import org.dormouse.lab.qemu.SerialLine;

/**
 * A transition of the machine into sleep or out of it, as the host saw it. All times are from the
 * machine's power-on.
 *
 * @param begin when it was asked for: the command was typed, or the machine switched on
 * @param end when it was done: QEMU had ended, or the guest said that it is awake
 * @param lines what the console said meanwhile
 */
public record Transition(Duration begin, Duration end, List<SerialLine> lines) {
  /** The first stage of falling asleep: the command starts. */
  public static final String COMMAND = "command";

  /** The first stage of waking: until the kernel's first line. */
  public static final String FIRMWARE = "firmware";

  public Transition {
    lines = List.copyOf(lines);
  }

  /** How long it took. */
  public Duration took() {
    return end.minus(begin);
  }

  /** Likewise, in seconds. */
  public double seconds() {
    return took().toNanos() / 1e9;
  }

  /**
   * What Dormouse's programs said of it.
   *
   * @param first the name of the first stage
   */
  public StageLog stages(String first) {
    return StageLog.of(lines, begin, first, end);
  }
}
