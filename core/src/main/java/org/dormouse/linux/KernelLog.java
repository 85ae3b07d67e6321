package org.dormouse.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The kernel's log, {@code /dev/kmsg}: what is written there is on the console and in {@code
 * dmesg}.
 */
public final class KernelLog {
  private static final Path DEVICE = Path.of("/dev/kmsg");

  private KernelLog() {}

  /** Writes one line at level {@code notice}. */
  public static void write(String line) throws IOException {
    Files.writeString(DEVICE, "<5>" + line + "\n", StandardOpenOption.WRITE);
  }
}
