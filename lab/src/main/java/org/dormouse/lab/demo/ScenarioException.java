package org.dormouse.lab.demo;

import java.io.IOException;

/** A guest did something else than the scenario has it do. The message says what, for people. */
public final class ScenarioException extends IOException {
  private static final long serialVersionUID = 1L;

  public ScenarioException(String message) {
    super(message);
  }
}
