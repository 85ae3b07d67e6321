package org.dormouse.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Whether the kernel would let itself be hibernated: {@code /sys/power/disk}. {@code
 * hibernation_available} in {@code kernel/power/hibernate.c} says no if it is locked down, was
 * started with {@code nohibernate}, if a process holds secret memory ({@code memfd_secret}) or a
 * CXL memory device is in use. The last two cannot be asked for in any other way.
 */
public enum KernelHibernation {
  /** It would. */
  AVAILABLE,
  /** It would not. */
  REFUSED,
  /** The kernel was built without {@code CONFIG_HIBERNATION}. */
  UNKNOWN;

  private static final Path SOURCE = Path.of("/sys/power/disk");

  /** Asks the running kernel. */
  public static KernelHibernation read() throws IOException {
    return read(SOURCE);
  }

  static KernelHibernation read(Path file) throws IOException {
    if (!Files.exists(file)) {
      return UNKNOWN;
    }
    return KernelFile.read(file).equals("[disabled]") ? REFUSED : AVAILABLE;
  }
}
