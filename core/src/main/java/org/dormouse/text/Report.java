package org.dormouse.text;

/**
 * What is told when something could not be done.
 *
 * @param happened what happened, with names and figures
 * @param state what state the machine and the image are in now
 * @param remedy what to do
 */
public record Report(String happened, String state, String remedy) {
  /** The three parts in one line. */
  public String line() {
    return happened + ". " + state + " " + remedy;
  }
}
