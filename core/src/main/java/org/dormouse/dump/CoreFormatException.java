package org.dormouse.dump;

import java.io.IOException;

/** A file is no dump, or one that cannot be read, and why. */
public final class CoreFormatException extends IOException {
  private static final long serialVersionUID = 1L;

  CoreFormatException(String message) {
    super(message);
  }
}
