package org.dormouse.saver;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A shell in the saver kernel, for the person at the console. The init process runs it: it is asked
 * through one FIFO, and says through another one that the person has left ({@code saver-init}).
 */
final class LentShell {
  private static final Path WANTED = Path.of("/run/shell-wanted");
  private static final Path LEFT = Path.of("/run/shell-left");

  private LentShell() {}

  /**
   * Returns when the person has left it.
   *
   * @throws IOException if there is none
   */
  static void run() throws IOException {
    Files.writeString(WANTED, "\n", StandardOpenOption.WRITE);
    Files.readString(LEFT);
  }
}
