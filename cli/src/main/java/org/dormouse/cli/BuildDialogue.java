package org.dormouse.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import org.dormouse.rebuild.BuildJournal;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** How commands that build a kernel deal with a person: they say what it takes, ask, and tell. */
final class BuildDialogue {
  @Option(
      names = {"-j", "--jobs"},
      paramLabel = "COUNT",
      description = "How many files are compiled at once (default: as many as there are CPUs).")
  private int jobs = Runtime.getRuntime().availableProcessors();

  @Mixin private Question question;

  @Mixin private DryRunOption dryRun;

  /** What is built. */
  interface Build {
    /** Builds it; returns what to do with it, in lines for people. */
    List<String> run(BuildJournal journal) throws IOException;
  }

  /**
   * How many files are compiled at once.
   *
   * @param spec of the command, for its error
   */
  int jobs(CommandSpec spec) {
    if (jobs < 1) {
      throw new ParameterException(spec.commandLine(), "--jobs is at least 1");
    }
    return jobs;
  }

  /**
   * Builds, if a person agrees.
   *
   * @param plan in lines for people
   * @param files how many are compiled, about
   * @return the exit code
   */
  int run(PrintWriter out, List<String> plan, long files, Build build) throws IOException {
    plan.forEach(out::println);
    out.flush();
    if (dryRun.isWanted()) {
      return ExitCode.OK;
    }
    if (!question.isAgreed("Build it?")) {
      out.println("Nothing has been changed.");
      return ExitCode.NO;
    }
    build.run(new BuildProgress(files, out)).forEach(out::println);
    return ExitCode.OK;
  }
}
