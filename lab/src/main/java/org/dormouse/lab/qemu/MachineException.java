package org.dormouse.lab.qemu;

import java.io.IOException;

/**
 * A machine did not do what was expected of it. The message ends with the last lines of its serial
 * log and says where the whole of it is.
 */
public final class MachineException extends IOException {
  private static final long serialVersionUID = 1L;
  private static final int TAIL_LINES = 25;

  public MachineException(String whatHappened, SerialLog log) {
    super(
        whatHappened
            + "\nThe last lines of "
            + log.file()
            + ":\n"
            + String.join("\n", log.tail(TAIL_LINES)));
  }
}
