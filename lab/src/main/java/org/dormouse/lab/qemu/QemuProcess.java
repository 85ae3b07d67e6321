package org.dormouse.lab.qemu;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * A QEMU that does not outlive its user. {@link #close} kills it, the end of the JVM kills it, and
 * if the JVM itself is killed the kernel does (by {@code setpriv --pdeathsig}). That signal is sent
 * when the <em>thread</em> that started the process ends, so that each has a thread of its own that
 * starts QEMU and stays until QEMU is gone.
 */
final class QemuProcess implements AutoCloseable {
  /** Reads what a QEMU prints that has nothing to say. */
  static final Reader UNHEARD = InputStream::readAllBytes;

  private final Process process;
  private final Thread atExit;

  private QemuProcess(Process process, Thread atExit) {
    this.process = process;
    this.atExit = atExit;
  }

  /** Reads a stream to its end. */
  @FunctionalInterface
  interface Reader {
    void readAll(InputStream stream) throws IOException;
  }

  /**
   * Starts one.
   *
   * @param name of its thread, for people
   * @param qemu the command
   * @param errors the file for what it says on standard error
   * @param output is given its standard output, in its thread
   */
  static QemuProcess start(String name, List<String> qemu, Path errors, Reader output)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("setpriv", "--pdeathsig", "KILL"));
    command.addAll(qemu);
    CompletableFuture<Process> started = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .name("qemu " + name)
        .start(() -> run(command, errors, output, started));
    Process process;
    try {
      process = started.get();
    } catch (ExecutionException e) {
      throw new IOException("cannot start " + qemu.getFirst(), e.getCause());
    }
    Thread atExit = new Thread(process::destroyForcibly, "end of " + name);
    Runtime.getRuntime().addShutdownHook(atExit);
    return new QemuProcess(process, atExit);
  }

  private static void run(
      List<String> command, Path errors, Reader output, CompletableFuture<Process> started) {
    try {
      Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
      started.complete(process);
      try {
        output.readAll(process.getInputStream());
      } finally {
        // Also where the stream was closed under the reader.
        QemuCrashes.note(process.onExit().join().exitValue(), errors);
      }
    } catch (IOException e) {
      started.completeExceptionally(e);
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** The process itself. */
  Process process() {
    return process;
  }

  /** Kills it if it still runs. */
  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // The JVM is ending. Its hook has nothing left to kill, and cannot be taken back any more.
      return;
    }
  }
}
