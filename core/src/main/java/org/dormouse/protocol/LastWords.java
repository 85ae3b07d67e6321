package org.dormouse.protocol;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the saver's program printed before it died. Pure.
 *
 * @param lines in their order
 */
public record LastWords(List<String> lines) {
  /**
   * How many are worth telling. A Java virtual machine that dies of a signal prints a thousand, and
   * says why in the first ones.
   */
  private static final int TOLD = 40;

  /**
   * The line that says why, of those that a Java virtual machine prints: of a signal, of an
   * exception that nobody caught, of too little memory. Then it ends with exit code 1 or 3, which
   * says nothing.
   */
  private static final Pattern CAUSE =
      Pattern.compile(
          "^(?:# +(SIG[A-Z]+ \\(0x.*|Internal Error .*|Out of Memory Error .*)"
              + "|(Exception in thread .*|Terminating due to .*))$");

  public LastWords {
    lines = List.copyOf(lines);
  }

  /** What a program printed. */
  public static LastWords of(String printed) {
    return new LastWords(printed.lines().toList());
  }

  /** Why it died: the line that says so, else the last one; empty if it printed nothing. */
  public Optional<String> cause() {
    return lines.stream()
        .map(CAUSE::matcher)
        .filter(Matcher::matches)
        .findFirst()
        .map(found -> found.group(1) != null ? found.group(1) : found.group(2))
        .or(() -> lines.reversed().stream().filter(line -> !line.isBlank()).findFirst());
  }

  /** Those that a person should be told. */
  public List<String> told() {
    return lines.subList(0, Math.min(TOLD, lines.size()));
  }
}
