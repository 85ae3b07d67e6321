package org.dormouse.store;

import java.io.IOException;

/** A store that cannot do what was asked. The message says it in the three parts given here. */
public final class StoreException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String happened;
  private final String state;
  private final String remedy;

  /**
   * An error without a cause of its own.
   *
   * @param happened what happened, with names and figures
   * @param state what state things are in now
   * @param remedy what to do about it
   */
  public StoreException(String happened, String state, String remedy) {
    super(happened + "; " + state + "; " + remedy);
    this.happened = happened;
    this.state = state;
    this.remedy = remedy;
  }

  /** The same, with the error underneath. */
  public StoreException(String happened, String state, String remedy, IOException cause) {
    this(happened, state, remedy);
    initCause(cause);
  }

  /** What happened, with names and figures. */
  public String happened() {
    return happened;
  }

  /** What state things are in now. */
  public String state() {
    return state;
  }

  /** What to do about it. */
  public String remedy() {
    return remedy;
  }
}
