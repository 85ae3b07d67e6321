package org.dormouse.kexec;

/** There is no such plan for this machine; the message says why, with figures. Nothing was done. */
public final class KexecPlanException extends Exception {
  /** An exception with a message made by {@link String#format}. */
  @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a dependency
  static KexecPlanException of(String format, Object... arguments) {
    return new KexecPlanException(String.format(format, arguments));
  }

  private KexecPlanException(String message) {
    super(message);
  }
}
