package org.dormouse.lab.setup;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A program of the system that is run in a folder, with its output in a log.
 *
 * @param log is appended to
 * @param environment added to that of this process
 */
public record Tool(Path folder, Path log, Map<String, String> environment) {
  private static final int LAST_LINES = 12;

  /** Runs it to its end; fails with the end of its output if it does not exit with 0. */
  public void run(List<String> command) throws SetupException {
    run(command, line -> {});
  }

  /** Likewise, and hands each line of output over as it comes. */
  public void run(List<String> command, Consumer<String> lines) throws SetupException {
    var last = new ArrayDeque<String>();
    int exit;
    try {
      exit = exitCode(command, lines.andThen(line -> remember(last, line)));
    } catch (IOException | UncheckedIOException e) {
      throw new SetupException(
          "cannot run " + command.getFirst() + ": " + e.getMessage(),
          "What was begun has been deleted.",
          "Run it through ./dormouse, which installs the packages that are missing.",
          e);
    }
    if (exit != 0) {
      throw new SetupException(
          String.join(" ", command) + " failed with exit code " + exit,
          "What was begun has been deleted. Its last words (all of them are in "
              + log
              + "):\n    "
              + String.join("\n    ", last),
          "If that says \"No space left on device\", free some space or set XDG_CACHE_HOME;\n"
              + "otherwise send the log with a bug report.");
    }
  }

  private int exitCode(List<String> command, Consumer<String> lines) throws IOException {
    var builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    // Otherwise a build would go on after this process was told to end.
    Thread stopper = new Thread(() -> stop(process));
    Runtime.getRuntime().addShutdownHook(stopper);
    try (Writer writer =
            Files.newBufferedWriter(log, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        var logWriter = new PrintWriter(writer, true);
        BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      process.getOutputStream().close();
      logWriter.println("$ " + String.join(" ", command));
      output.lines().peek(logWriter::println).forEach(lines);
      int exit = process.waitFor();
      Runtime.getRuntime().removeShutdownHook(stopper);
      return exit;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      stop(process);
    }
  }

  private static void stop(Process process) {
    process.descendants().forEach(ProcessHandle::destroy);
    process.destroy();
  }

  private static void remember(ArrayDeque<String> last, String line) {
    last.addLast(line);
    if (last.size() > LAST_LINES) {
      last.removeFirst();
    }
  }
}
