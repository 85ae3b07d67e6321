package org.dormouse.rebuild;

/** Is told how a build gets on. */
public interface BuildJournal {
  /** A step begins. */
  void step(String name);

  /** A line about the step. */
  void line(String text);

  /** So many files have been compiled by this run. */
  void compiled(long files);
}
