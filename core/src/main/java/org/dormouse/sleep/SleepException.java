package org.dormouse.sleep;

/** Something that keeps the machine from sleeping or waking, told in three parts. */
public final class SleepException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String state;
  private final String remedy;

  /**
   * A failure.
   *
   * @param what what happened
   * @param state what state the machine and the image are in now
   * @param remedy what to do
   */
  public SleepException(String what, String state, String remedy) {
    super(what);
    this.state = state;
    this.remedy = remedy;
  }

  /** The same with the error that caused it. */
  public SleepException(String what, String state, String remedy, Throwable cause) {
    this(what, state, remedy);
    initCause(cause);
  }

  /** What state the machine and the image are in now. */
  public String state() {
    return state;
  }

  /** What to do. */
  public String remedy() {
    return remedy;
  }
}
