package org.dormouse.linux;

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
 * Runs programs in a folder, with their output in a log.
 *
 * @param folder where they run
 * @param log is appended to
 * @param environment added to that of this process
 */
public record LoggedProgram(Path folder, Path log, Map<String, String> environment) {
  private static final int LAST_LINES = 12;

  /** How a program ended. */
  public enum Cause {
    /** By itself. */
    ITSELF,
    /** This process was told to end, and took it along. */
    STOPPED
  }

  /**
   * What came of it.
   *
   * @param exit the exit code
   * @param cause whether it ended by itself
   * @param lastLines the end of its output
   */
  public record End(int exit, Cause cause, List<String> lastLines) {
    /** Copies the lines. */
    public End {
      lastLines = List.copyOf(lastLines);
    }
  }

  /** Copies the variables. */
  public LoggedProgram {
    environment = Map.copyOf(environment);
  }

  /**
   * Runs a program to its end, without input.
   *
   * @param lines gets each line of output, errors included, as it comes
   * @throws IOException if it cannot be started, or the log cannot be written
   */
  public End run(List<String> command, Consumer<String> lines) throws IOException {
    var builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    var end = new Ending(process);
    try {
      process.getOutputStream().close();
      return end.after(command, log, lines);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      end.stop();
    }
  }

  /** A program that runs, and ends with this process at the latest. */
  private static final class Ending {
    private final Process process;
    private final Thread stopper = new Thread(this::stopForGood);
    private volatile Cause cause = Cause.ITSELF;

    Ending(Process process) {
      this.process = process;
      // Otherwise it would go on after this process was told to end.
      Runtime.getRuntime().addShutdownHook(stopper);
    }

    End after(List<String> command, Path log, Consumer<String> lines)
        throws IOException, InterruptedException {
      var last = new ArrayDeque<String>();
      try (Writer writer =
              Files.newBufferedWriter(log, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
          var logWriter = new PrintWriter(writer, true);
          BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
        logWriter.println("$ " + String.join(" ", command));
        output.lines().peek(logWriter::println).peek(line -> remember(last, line)).forEach(lines);
      }
      int exit = process.waitFor();
      return new End(exit, cause, List.copyOf(last));
    }

    private static void remember(ArrayDeque<String> last, String line) {
      last.addLast(line);
      if (last.size() > LAST_LINES) {
        last.removeFirst();
      }
    }

    private void stopForGood() {
      cause = Cause.STOPPED;
      endAll();
      // Who waits for it may leave files that the next run would trip over.
      process.onExit().join();
    }

    void stop() {
      endAll();
      if (cause == Cause.ITSELF) {
        try {
          Runtime.getRuntime().removeShutdownHook(stopper);
        } catch (IllegalStateException e) {
          // This process is ending: the hook runs.
          cause = Cause.STOPPED;
        }
      }
    }

    private void endAll() {
      process.descendants().forEach(ProcessHandle::destroy);
      process.destroy();
    }
  }
}
