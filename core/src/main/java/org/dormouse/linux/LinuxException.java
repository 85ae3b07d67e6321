package org.dormouse.linux;

import java.io.IOException;

/**
 * A system call that failed. The message names the call, its arguments and the error: enough to
 * debug from a photo.
 */
public final class LinuxException extends IOException {
  private static final long serialVersionUID = 1L;

  private final Errno errno;

  LinuxException(String call, int number) {
    super(describe(call, number));
    this.errno = Errno.of(number);
  }

  /** The error, {@link Errno#OTHER} if it has no name there. */
  public Errno errno() {
    return errno;
  }

  private static String describe(String call, int number) {
    Errno errno = Errno.of(number);
    return errno == Errno.OTHER
        ? call + ": error " + number
        : call + ": " + errno.text() + " (" + errno + ")";
  }
}
