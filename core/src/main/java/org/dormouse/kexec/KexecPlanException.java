package org.dormouse.kexec;

/** There is no such plan for this machine; the message says why, with figures. Nothing was done. */
public final class KexecPlanException extends Exception {
  private static final long serialVersionUID = 1;

  /** An exception with a message made by {@link String#format}. */
  static KexecPlanException of(String format, Object... arguments) {
    return new KexecPlanException(String.format(format, arguments));
  }

  private KexecPlanException(String message) {
    super(message);
  }
}
