package org.dormouse.cli;

import java.io.Console;
import org.dormouse.text.ReportException;
import picocli.CommandLine.Option;

/** For commands that a person has to agree to. */
final class Question {
  @Option(
      names = {"-y", "--yes"},
      description = "Does not ask.")
  private boolean agreed;

  /**
   * Asks at the terminal.
   *
   * @throws ReportException if there is none, and nobody has agreed beforehand
   */
  @SuppressWarnings("SystemConsoleNull") // it is null in JDK 25 without a terminal
  boolean isAgreed(String question) throws ReportException {
    if (agreed) {
      return true;
    }
    Console terminal = System.console();
    if (terminal == null || !terminal.isTerminal()) {
      throw new ReportException(
          "there is no terminal to ask at",
          "Nothing has been changed.",
          "Give --yes, or --dry-run to see the plan only.");
    }
    String answer = terminal.readLine("%s [y/N] ", question);
    return answer != null && (answer.equalsIgnoreCase("y") || answer.equalsIgnoreCase("yes"));
  }
}
