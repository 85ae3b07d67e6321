package org.dormouse.lab.debian;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A person's ssh session from the host: the host's ssh, on a connection that is never renewed, in
 * which a shell of the guest's counts once a second.
 */
public final class SshSession implements AutoCloseable {
  private static final String COUNT =
      "echo shell $$; n=0; while :; do n=$((n+1)); echo $n; sleep 1; done";

  private static final Duration GLANCE = Duration.ofMillis(100);

  private final Process process;
  private final AtomicLong count = new AtomicLong();
  private volatile String shellPid = "";
  private volatile String broken = "";

  private SshSession(Process process) {
    this.process = process;
  }

  /**
   * Logs in and starts to count.
   *
   * @param errors the file for what ssh says on standard error
   */
  static SshSession open(Path key, int port, Path errors) throws IOException {
    List<String> command = new ArrayList<>(command(key, port));
    command.add(COUNT);
    SshSession session =
        new SshSession(new ProcessBuilder(command).redirectError(errors.toFile()).start());
    Thread.ofPlatform().daemon().name("ssh").start(session::listen);
    return session;
  }

  /** The host's ssh to a machine's root, which gives up on nothing but a closed connection. */
  static List<String> command(Path key, int port) {
    return List.of(
        "ssh",
        "-i",
        key.toString(),
        "-p",
        String.valueOf(port),
        "-o",
        "StrictHostKeyChecking=no",
        "-o",
        "UserKnownHostsFile=/dev/null",
        "-o",
        "LogLevel=ERROR",
        "-o",
        "BatchMode=yes",
        "-o",
        "ConnectTimeout=60",
        "-o",
        "ServerAliveInterval=0",
        "root@127.0.0.1");
  }

  private void listen() {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        hear(line);
      }
      broken = "the session ended after " + count;
    } catch (IOException e) {
      broken = "the session broke after " + count + ": " + e.getMessage();
    }
  }

  private void hear(String line) throws IOException {
    if (line.startsWith("shell ")) {
      shellPid = line.substring("shell ".length());
    } else if (!count.compareAndSet(Long.parseLong(line) - 1, Long.parseLong(line))) {
      throw new IOException(line + " came after " + count);
    }
  }

  /** The last number that came; each came after the one before it. */
  public long count() {
    return count.get();
  }

  /** The process of the guest's that counts. */
  public String shellPid() {
    return shellPid;
  }

  /** What is wrong with it; empty as long as it lives. */
  public String broken() {
    return broken;
  }

  /** Waits for a number that is at least so high; false if none came in time. */
  public boolean await(long atLeast, Duration timeout) throws InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (count() < atLeast && broken.isEmpty() && System.nanoTime() < deadline) {
      Thread.sleep(GLANCE);
    }
    return count() >= atLeast;
  }

  @Override
  public void close() {
    process.destroy();
    try {
      process.waitFor(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
  }
}
