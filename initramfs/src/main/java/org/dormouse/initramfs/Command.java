package org.dormouse.initramfs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Runs a program of the build machine to its end. */
record Command(List<String> words) {

  // Java reads flags from these; ours must be the only ones.
  private static final List<String> JAVA_VARIABLES =
      List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "CLASSPATH");

  static Command of(Object... words) {
    return new Command(List.of(words).stream().map(Object::toString).toList());
  }

  /**
   * Runs it and returns what it printed on both outputs.
   *
   * @throws IOException if it cannot be started, or its exit code is not 0; the message has the
   *     command and what it printed
   */
  String run() throws IOException {
    Process process = start(ProcessBuilder.Redirect.PIPE);
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = exitCode(process);
    if (code != 0) {
      throw new IOException(
          String.format("%s: exit code %d%n%s", String.join(" ", words), code, output.strip()));
    }
    return output;
  }

  /**
   * Runs it and returns what it wrote on its standard output; what it says on the other goes where
   * this process's goes.
   *
   * @throws IOException if it cannot be started, or its exit code is not 0
   */
  byte[] bytes() throws IOException {
    Process process = start(ProcessBuilder.Redirect.INHERIT);
    byte[] output = process.getInputStream().readAllBytes();
    int code = exitCode(process);
    if (code != 0) {
      throw new IOException(String.join(" ", words) + ": exit code " + code);
    }
    return output;
  }

  private Process start(ProcessBuilder.Redirect errors) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(words).redirectError(errors);
    builder.redirectErrorStream(errors.equals(ProcessBuilder.Redirect.PIPE));
    JAVA_VARIABLES.forEach(builder.environment()::remove);
    builder.environment().put("LC_ALL", "C");
    Process process = builder.start();
    process.getOutputStream().close();
    return process;
  }

  private int exitCode(Process process) throws IOException {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new IOException(words.getFirst() + ": interrupted", e);
    }
  }
}
