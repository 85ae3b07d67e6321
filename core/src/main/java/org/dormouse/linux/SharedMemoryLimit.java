package org.dormouse.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How large a System V shared memory segment may be: {@code kernel.shmmax}.
 *
 * @param bytes the limit, an unsigned number
 */
public record SharedMemoryLimit(long bytes) {
  private static final Path SOURCE = Path.of("/proc/sys/kernel/shmmax");

  /** Asks the running kernel; empty if it was built without {@code CONFIG_SYSVIPC}. */
  public static Optional<SharedMemoryLimit> read() throws IOException {
    return read(SOURCE);
  }

  static Optional<SharedMemoryLimit> read(Path knob) throws IOException {
    return Files.exists(knob)
        ? Optional.of(new SharedMemoryLimit(Long.parseUnsignedLong(KernelFile.read(knob))))
        : Optional.empty();
  }

  /** Whether a segment of {@code wanted} bytes may be made. */
  public boolean allows(long wanted) {
    return Long.compareUnsigned(wanted, bytes) <= 0;
  }
}
