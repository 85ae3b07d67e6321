package org.dormouse.rebuild;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A saver kernel that is wanted.
 *
 * @param source the package with the kernel's source, {@code linux-source-6.12}; empty for the
 *     newest that is installed
 * @param folder where it is built
 * @param output where the kernel shall be
 * @param jobs how many files are compiled at once
 */
public record SaverKernelRequest(Optional<String> source, Path folder, Path output, int jobs) {
  /** Where it is built if nothing else is said. */
  public static final Path FOLDER = Path.of("/var/cache/dormouse/saver-kernel");

  /**
   * Where it shall be then: no boot loader takes a file of this name for a system to be started.
   */
  public static final Path OUTPUT = Path.of("/boot/dormouse-saver-kernel");

  /** Checks. */
  public SaverKernelRequest {
    if (jobs < 1) {
      throw new IllegalArgumentException("jobs " + jobs);
    }
  }
}
