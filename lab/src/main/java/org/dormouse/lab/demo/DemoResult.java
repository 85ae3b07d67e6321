package org.dormouse.lab.demo;

/** What a demonstration has shown. */
public sealed interface DemoResult {
  /** The guest is what it was, each time. */
  record Pass() implements DemoResult {}

  /**
   * It is not.
   *
   * @param why one line
   */
  record Fail(String why) implements DemoResult {}
}
