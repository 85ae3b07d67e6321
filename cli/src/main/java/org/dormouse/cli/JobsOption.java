package org.dormouse.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** How much of a build is done at once. */
final class JobsOption {
  @Option(
      names = {"-j", "--jobs"},
      paramLabel = "COUNT",
      description = "How many files are compiled at once (default: as many as there are CPUs).")
  private int jobs = Runtime.getRuntime().availableProcessors();

  /**
   * How many.
   *
   * @param spec of the command, for its error
   */
  int count(CommandSpec spec) {
    if (jobs < 1) {
      throw new ParameterException(spec.commandLine(), "--jobs is at least 1");
    }
    return jobs;
  }
}
