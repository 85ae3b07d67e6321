package org.dormouse.boot;

import java.io.IOException;

/** Something that was read is not in the format that it has to be in; the message says how. */
public final class BootFormatException extends IOException {
  /** An exception with a message made by {@link String#format}. */
  @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a dependency
  static BootFormatException of(String format, Object... arguments) {
    return new BootFormatException(String.format(format, arguments));
  }

  private BootFormatException(String message) {
    super(message);
  }
}
