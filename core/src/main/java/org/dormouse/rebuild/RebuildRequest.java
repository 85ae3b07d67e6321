package org.dormouse.rebuild;

import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * What is wanted.
 *
 * @param configuration the file with the distribution's configuration; empty for that of the
 *     running kernel
 * @param modules which modules
 * @param folder where it is built, and where the package will be
 * @param jobs how many files are compiled at once
 * @param accepted options, without {@code CONFIG_}, that may come out otherwise than the
 *     distribution has them
 */
public record RebuildRequest(
    Optional<Path> configuration,
    ModuleChoice modules,
    Path folder,
    int jobs,
    Set<String> accepted) {
  /** Where it is built if nothing else is said. */
  public static final Path FOLDER = Path.of("/var/cache/dormouse/kernel");

  /** Checks and copies. */
  public RebuildRequest {
    if (jobs < 1) {
      throw new IllegalArgumentException("jobs " + jobs);
    }
    accepted = Set.copyOf(accepted);
  }
}
