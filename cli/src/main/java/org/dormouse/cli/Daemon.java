package org.dormouse.cli;

import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.dormouse.linux.ProcessMemory;
import org.dormouse.sleep.SaverState;
import org.dormouse.text.Quantity;
import picocli.CommandLine;

/**
 * Does the commands that jump, for launchers that ask for them, one at a time; stays as long as a
 * warm saver waits. The next command then starts no Java run-time, and finds code that has run
 * before.
 *
 * <p>How they talk is written in the launcher's half, {@code ask-daemon}.
 */
final class Daemon {
  /** What the launcher passes before the number of the first request. */
  static final String WORD = "--daemon";

  private static final Path FOLDER = Path.of("/run/dormouse");

  /** The exit code of a command that was not begun: another daemon has to do it. */
  private static final String AGAIN = "again";

  /** How long the one before may take to end. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private static final Duration GLANCE = Duration.ofMillis(20);

  private final Path folder;
  private final Installed installed;
  private final AtomicBoolean busy = new AtomicBoolean(true);
  private final SynchronousQueue<String> next = new SynchronousQueue<>();

  /** Whether there is a reason to stay after a command. */
  @FunctionalInterface
  interface Reason {
    boolean isThere() throws IOException;
  }

  /**
   * The software that is running, to tell whether it has been replaced.
   *
   * @param files of the class path, by what changes when they are replaced
   */
  private record Installed(List<String> files) {
    static Installed now() throws IOException {
      List<String> files = new ArrayList<>();
      for (Path jar : Installation.running().jars()) {
        if (!Files.exists(jar)) {
          files.add(jar + " is gone");
          continue;
        }
        BasicFileAttributes found = Files.readAttributes(jar, BasicFileAttributes.class);
        files.add(jar + " " + found.fileKey() + found.size() + found.lastModifiedTime());
      }
      return new Installed(files);
    }
  }

  private Daemon(Path folder) throws IOException {
    this.folder = folder;
    this.installed = Installed.now();
  }

  /** Serves, beginning with the request {@code first}. Returns when no warm saver waits. */
  static void run(String first) throws IOException, InterruptedException {
    new Daemon(FOLDER).serve(first, () -> SaverState.observe() instanceof SaverState.Warm);
  }

  /** The process that does commands as long as a warm saver waits, for people; empty if none is. */
  static Optional<String> describe() throws IOException {
    Path file = FOLDER.resolve("pid");
    if (!Files.isReadable(file)) {
      return Optional.empty();
    }
    long pid = Long.parseLong(Files.readString(file).strip());
    OptionalLong bytes = ProcessMemory.anonymous(pid);
    return bytes.isPresent()
        ? Optional.of(
            "process " + pid + " waits for commands; it holds " + Quantity.bytes(bytes.getAsLong()))
        : Optional.empty();
  }

  /**
   * Serves one request in {@code folder}, for a command that changes nothing: to be quick when it
   * counts. Whether the command can be done does not matter.
   */
  static void practise(Path folder) throws IOException, InterruptedException {
    String request = "0";
    Path requests = Files.createFile(folder.resolve("requests"));
    Files.writeString(
        folder.resolve("request." + request),
        String.join("\0", "/", "hibernate", "--dry-run", "--to", "/dev/null", ""));
    Path answer = Files.createFile(folder.resolve("answer." + request));
    new Daemon(folder).serve(request, () -> false);
    for (Path file : List.of(requests, answer, folder.resolve("lock"))) {
      Files.delete(file);
    }
  }

  private void serve(String first, Reason reason) throws IOException, InterruptedException {
    try (FileChannel channel =
            FileChannel.open(
                folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = lock(channel)) {
      if (lock == null) {
        refuse(first);
        return;
      }
      Thread.ofPlatform().daemon(true).name("requests").start(this::listen);
      // Whoever reads it reads all of it.
      Path pid = Files.writeString(folder.resolve("pid.new"), ProcessHandle.current().pid() + "\n");
      Files.move(pid, folder.resolve("pid"), StandardCopyOption.ATOMIC_MOVE);
      String request = first;
      while (perform(request, reason)) {
        busy.set(false);
        request = next.take();
      }
    }
  }

  /** Two launchers may have found no daemon at the same time; null if another one stays. */
  private static FileLock lock(FileChannel channel) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    FileLock lock = channel.tryLock();
    while (lock == null && System.nanoTime() < deadline) {
      Thread.sleep(GLANCE);
      lock = channel.tryLock();
    }
    return lock;
  }

  private void listen() {
    // For reading and writing: so there is always a writer, and no end of file.
    try (RandomAccessFile requests =
            new RandomAccessFile(folder.resolve("requests").toFile(), "rw");
        BufferedReader lines =
            new BufferedReader(
                new InputStreamReader(
                    new FileInputStream(requests.getFD()), StandardCharsets.US_ASCII))) {
      for (String request = lines.readLine(); request != null; request = lines.readLine()) {
        if (busy.compareAndSet(false, true)) {
          next.put(request);
        } else {
          refuse(request);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("no requests can be read", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Two at once could put the machine to sleep twice. */
  private void refuse(String request) throws IOException {
    Optional<Answer> asked = Answer.to(folder, request);
    if (asked.isEmpty()) {
      return;
    }
    try (Answer answer = asked.get()) {
      answer.err.println("dormouse: another dormouse command is at work");
      answer.err.println("  state: it goes on; this one has done nothing");
      answer.err.println("  to do: wait for it, then try again");
      answer.end(String.valueOf(ExitCode.TRY_AGAIN));
    }
  }

  /** Does one command; returns whether to go on. */
  private boolean perform(String request, Reason reason) throws IOException {
    Optional<Answer> asked = Answer.to(folder, request);
    if (asked.isEmpty()) {
      return staysAfter(reason);
    }
    try (Answer answer = asked.get()) {
      if (!Installed.now().equals(installed)) {
        leave();
        answer.end(AGAIN);
        return false;
      }
      Path file = folder.resolve("request." + request);
      String[] words = Files.readString(file).split("\0", -1);
      Files.delete(file);
      // What follows the last NUL is nothing.
      String[] arguments = Arrays.copyOfRange(words, 1, words.length - 1);
      CommandLine line = Main.commandLine(Path.of(words[0]), arguments);
      line.setOut(answer.out).setErr(answer.err);
      int code = line.execute(arguments);
      boolean stays = staysAfter(reason);
      answer.end(String.valueOf(code));
      return stays;
    }
  }

  private boolean staysAfter(Reason reason) throws IOException {
    boolean stays = reason.isThere();
    if (!stays) {
      leave();
    }
    return stays;
  }

  /** Before the answer is complete, so that who comes after it starts another one. */
  private void leave() throws IOException {
    Files.deleteIfExists(folder.resolve("pid"));
  }

  /** Where a command's output goes. */
  private static final class Answer implements AutoCloseable {
    private final PrintWriter pipe;
    private final PrintWriter out;
    private final PrintWriter err;

    private Answer(OutputStream fifo) {
      pipe = new PrintWriter(fifo, false, StandardCharsets.UTF_8);
      out = new PrintWriter(new LabelledLines("o", pipe));
      err = new PrintWriter(new LabelledLines("e", pipe));
    }

    /** Empty if whoever asked has gone, and with them what they asked for. */
    static Optional<Answer> to(Path folder, String request) throws IOException {
      try {
        return Optional.of(
            new Answer(
                Files.newOutputStream(
                    folder.resolve("answer." + request), StandardOpenOption.WRITE)));
      } catch (NoSuchFileException e) {
        return Optional.empty();
      }
    }

    void end(String code) {
      out.close();
      err.close();
      pipe.println("x" + code);
    }

    @Override
    public void close() {
      pipe.close();
    }
  }
}
