package org.dormouse.lab.qemu;

import java.time.Duration;

/**
 * One line from a serial port.
 *
 * @param number counted from 0
 * @param at when the host saw its end, from the start of the machine
 * @param text without the line's end and without control characters
 */
public record SerialLine(int number, Duration at, String text) {
  /** As it stands in the log file: seconds, then the text. */
  @Override
  public String toString() {
    return String.format("[%9.3f] %s", at.toNanos() / 1e9, text);
  }
}
