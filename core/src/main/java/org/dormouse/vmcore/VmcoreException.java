package org.dormouse.vmcore;

import java.io.IOException;

/** The original kernel's memory does not say what was asked, and why. */
public final class VmcoreException extends IOException {
  private static final long serialVersionUID = 1L;

  /** The memory does not say it, for this reason. */
  public VmcoreException(String message) {
    super(message);
  }
}
