package org.dormouse.lab.qemu;

import java.io.IOException;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A person at the guest's second serial port: types a command, reads what it prints and how it
 * ended.
 *
 * <p>The shell at the other end echoes and prompts as it would for anybody. Each command is put
 * between two markers that the shell prints itself; their names are typed in two parts, so that the
 * echo cannot be taken for them.
 */
public final class Shell implements AutoCloseable {
  /** The line editor of the guest's shell takes lines of at most 1023 characters. */
  private static final int LONGEST_LINE = 900;

  private final SocketChannel channel;
  private final SerialLog console;
  private final List<OutputStream> copies = new CopyOnWriteArrayList<>();
  private final StringBuilder received = new StringBuilder();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean ended;

  private Shell(SocketChannel channel, SerialLog console) {
    this.channel = channel;
    this.console = console;
  }

  /**
   * Connects to the socket of a machine.
   *
   * @param transcript the file that gets every byte the guest prints there
   */
  static Shell connect(Path socket, Path transcript, SerialLog console) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    Shell shell = new Shell(channel, console);
    Thread.ofPlatform()
        .daemon()
        .name("shell " + transcript.getFileName())
        .start(() -> shell.readAll(transcript));
    return shell;
  }

  /** Runs a command and waits for its end. Any exit status will do. */
  public CommandResult run(String command, Duration timeout)
      throws IOException, InterruptedException {
    return await(start(command), timeout);
  }

  /** Runs a command that has to succeed and returns what it printed. */
  public String check(String command, Duration timeout) throws IOException, InterruptedException {
    CommandResult result = run(command, timeout);
    if (!result.succeeded()) {
      throw new MachineException(
          "In the guest, «%s» ended with status %d:\n%s"
              .formatted(command, result.status(), result.output()),
          console);
    }
    return result.output();
  }

  /** Types a command and does not wait for it. */
  public RunningCommand start(String command) throws IOException {
    String id = UUID.randomUUID().toString().substring(0, 8);
    String typed =
        "echo '<be''gin %s>'; {\n%s\n}; echo '<en''d %s' $?'>'\n".formatted(id, command, id);
    typed.lines().forEach(Shell::checkLength);
    send(typed.getBytes(StandardCharsets.UTF_8));
    return new RunningCommand(command, id);
  }

  private static void checkLength(String line) {
    if (line.length() > LONGEST_LINE) {
      throw new IllegalArgumentException("too long to be typed in one line: " + line);
    }
  }

  /** Waits for the end of a command, started here or, before the guest slept, elsewhere. */
  public CommandResult await(RunningCommand running, Duration timeout)
      throws IOException, InterruptedException {
    Optional<CommandResult> result = awaitEnd(running, timeout);
    if (result.isEmpty()) {
      throw new MachineException(
          "In the guest, «%s» did not end in %d s. Its shell printed:\n%s"
              .formatted(running.command(), timeout.toSeconds(), lastReceived()),
          console);
    }
    return result.get();
  }

  /** What a command came to, if it has ended. */
  public Optional<CommandResult> resultOf(RunningCommand running) throws InterruptedException {
    return awaitEnd(running, Duration.ZERO);
  }

  private Optional<CommandResult> awaitEnd(RunningCommand running, Duration timeout)
      throws InterruptedException {
    Pattern end = Pattern.compile("<end " + running.marker() + " (\\d+)>");
    return awaitText(end, timeout).map(match -> resultOf(running, match));
  }

  private CommandResult resultOf(RunningCommand running, Matcher matcher) {
    String before = textUpTo(matcher.start());
    String begin = "<begin " + running.marker() + ">\n";
    int at = before.indexOf(begin);
    String output = at < 0 ? before : before.substring(at + begin.length());
    return new CommandResult(
        running.command(), Integer.parseInt(matcher.group(1)), output.stripTrailing());
  }

  private Optional<Matcher> awaitText(Pattern pattern, Duration timeout)
      throws InterruptedException {
    long left = timeout.toNanos();
    lock.lock();
    try {
      while (true) {
        Matcher matcher = pattern.matcher(received.toString());
        if (matcher.find()) {
          return Optional.of(matcher);
        }
        if (ended || left <= 0) {
          return Optional.empty();
        }
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  private String textUpTo(int index) {
    lock.lock();
    try {
      return received.substring(0, index);
    } finally {
      lock.unlock();
    }
  }

  private String lastReceived() {
    lock.lock();
    try {
      return received.substring(Math.max(0, received.length() - 2000));
    } finally {
      lock.unlock();
    }
  }

  /** Sends bytes as they are, for a person at a terminal. */
  public void send(byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  /** From now on, every byte that the guest prints here also goes to this stream. */
  public void copyTo(OutputStream stream) {
    copies.add(stream);
  }

  private void readAll(Path transcript) {
    ByteBuffer buffer = ByteBuffer.allocate(8192);
    try (OutputStream file = Files.newOutputStream(transcript)) {
      while (channel.read(buffer) >= 0) {
        file.write(buffer.array(), 0, buffer.position());
        for (OutputStream copy : copies) {
          copy.write(buffer.array(), 0, buffer.position());
          copy.flush();
        }
        add(new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8));
        buffer.clear();
      }
    } catch (IOException e) {
      add("\n(the connection to the shell broke: " + e.getMessage() + ")\n");
    }
    lock.lock();
    try {
      ended = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void add(String text) {
    lock.lock();
    try {
      received.append(text.replace("\r", ""));
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
