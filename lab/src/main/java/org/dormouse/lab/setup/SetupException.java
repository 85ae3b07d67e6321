package org.dormouse.lab.setup;

import java.io.Serial;
import org.dormouse.text.Report;
import org.dormouse.text.ReportException;

/** Something that the lab's machines need could not be made; says what the user can do about it. */
public final class SetupException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  private final String happened;
  private final String state;
  private final String advice;

  /**
   * @param happened what went wrong, in one line
   * @param state what is left behind by it
   * @param advice what the user can do
   */
  public SetupException(String happened, String state, String advice) {
    super(happened);
    this.happened = happened;
    this.state = state;
    this.advice = advice;
  }

  public SetupException(String happened, String state, String advice, Throwable cause) {
    this(happened, state, advice);
    initCause(cause);
  }

  /** The same, told by the library. */
  static SetupException of(ReportException e) {
    Report told = e.report();
    return new SetupException(told.happened(), told.state(), told.remedy(), e);
  }

  public String happened() {
    return happened;
  }

  public String state() {
    return state;
  }

  public String advice() {
    return advice;
  }

  /** The three parts as the user sees them, one to a line, without a line end. */
  public String report() {
    return "dormouse: " + happened + "\n  " + state + "\n  " + advice.replace("\n", "\n  ");
  }
}
