package org.dormouse.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Has the kernel panic: {@code Documentation/admin-guide/sysrq.rst}. */
public final class Panic {
  private static final Path TRIGGER = Path.of("/proc/sysrq-trigger");
  private static final int FIRST_PROCESSOR = 0;

  private Panic() {}

  /**
   * Panics on the first processor, the only one from which the way back of a panic can be taken.
   * Does not return, unless that fails. Needs no other thread to stand still, as a jump does.
   *
   * @throws IOException if the kernel has no such trigger ({@code CONFIG_MAGIC_SYSRQ})
   */
  public static void onFirstProcessor() throws IOException {
    if (!ThisThread.moveTo(FIRST_PROCESSOR)) {
      throw new IOException("the first processor is not online");
    }
    Files.writeString(TRIGGER, "c");
  }
}
