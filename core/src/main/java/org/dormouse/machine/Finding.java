package org.dormouse.machine;

/**
 * One thing that was looked at before a sleep.
 *
 * @param name what was looked at
 * @param verdict how it stands
 * @param seen what was seen, with figures
 * @param remedy how to get what is missing; empty if nothing is
 */
public record Finding(String name, Verdict verdict, String seen, String remedy) {
  /** How a thing stands. */
  public enum Verdict {
    /** As it must be. */
    GOOD,
    /** It will do; something is not as it could be. */
    WARNING,
    /** The machine cannot sleep like this. */
    BAD
  }

  /** What was seen goes to a console, which obeys control characters: they become blanks. */
  public Finding {
    seen = seen.replaceAll("\\p{Cc}", " ");
  }

  /** A finding without fault. */
  public static Finding good(String name, String seen) {
    return new Finding(name, Verdict.GOOD, seen, "");
  }

  /** A finding that does not hinder. */
  public static Finding warning(String name, String seen, String remedy) {
    return new Finding(name, Verdict.WARNING, seen, remedy);
  }

  /** A finding that hinders. */
  public static Finding bad(String name, String seen, String remedy) {
    return new Finding(name, Verdict.BAD, seen, remedy);
  }
}
