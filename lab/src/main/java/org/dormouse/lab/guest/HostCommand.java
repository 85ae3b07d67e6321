package org.dormouse.lab.guest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A program of the host that was run to its end.
 *
 * @param command the program and its arguments
 * @param status its exit status
 * @param output what it printed, errors included
 */
public record HostCommand(List<String> command, int status, String output) {
  /** Runs a program to its end, whatever its exit status. */
  public static HostCommand run(List<String> command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.PIPE)
            .start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new HostCommand(List.copyOf(command), process.waitFor(), output.stripTrailing());
  }

  /** Runs a program that has to succeed and returns what it printed. */
  public static String check(List<String> command) throws IOException, InterruptedException {
    HostCommand done = run(command);
    if (done.status() != 0) {
      throw new IOException(
          "«%s» ended with status %d: %s"
              .formatted(String.join(" ", command), done.status(), done.output()));
    }
    return done.output();
  }
}
