package org.dormouse.lab.setup;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.dormouse.linux.LoggedProgram;

/**
 * A program of the system that is run in a folder, with its output in a log.
 *
 * @param log is appended to
 * @param environment added to that of this process
 */
public record Tool(Path folder, Path log, Map<String, String> environment) {
  /** Runs it to its end; fails with the end of its output if it does not exit with 0. */
  public void run(List<String> command) throws SetupException {
    run(command, line -> {});
  }

  /** Likewise, and hands each line of output over as it comes. */
  public void run(List<String> command, Consumer<String> lines) throws SetupException {
    LoggedProgram.End end;
    try {
      end = new LoggedProgram(folder, log, environment).run(command, lines);
    } catch (IOException | UncheckedIOException e) {
      throw new SetupException(
          "cannot run " + command.getFirst() + ": " + e.getMessage(),
          "What was begun has been deleted.",
          "Run it through ./dormouse, which installs the packages that are missing.",
          e);
    }
    if (end.exit() != 0) {
      throw new SetupException(
          String.join(" ", command) + " failed with exit code " + end.exit(),
          "What was begun has been deleted. Its last words (all of them are in "
              + log
              + "):\n    "
              + String.join("\n    ", end.lastLines()),
          "If that says \"No space left on device\", free some space or set XDG_CACHE_HOME;\n"
              + "otherwise send the log with a bug report.");
    }
  }
}
