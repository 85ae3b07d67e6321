package org.dormouse.text;

import java.util.Arrays;

/**
 * What is told when something could not be done.
 *
 * @param happened what happened, with names and figures
 * @param state what state the machine and the image are in now
 * @param remedy what to do
 */
public record Report(String happened, String state, String remedy) {
  /**
   * An error that nobody foresaw.
   *
   * @param program what has the defect
   * @param state what state things are in all the same
   */
  public static Report defect(String program, Throwable error, String state) {
    String place =
        Arrays.stream(error.getStackTrace())
            .filter(frame -> frame.getClassName().startsWith("org.dormouse."))
            .findFirst()
            .map(frame -> " at " + frame)
            .orElse("");
    return new Report(
        "a defect in " + program + ": " + error + place, state, "Please report this line.");
  }

  /** The three parts in one line. */
  public String line() {
    return happened + ". " + state + " " + remedy;
  }
}
