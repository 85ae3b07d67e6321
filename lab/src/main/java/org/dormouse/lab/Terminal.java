package org.dormouse.lab;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.dormouse.lab.qemu.Shell;

/**
 * The user's terminal, handed through to a guest: every key goes there, also those that would
 * otherwise end this program. If the standard input is not a terminal, its bytes go to the guest as
 * they come.
 */
final class Terminal implements AutoCloseable {
  /** Ctrl-], as in telnet. */
  private static final int LEAVE = 0x1d;

  private static final int END_OF_INPUT = -1;
  private static final long GLANCE_MILLIS = 50;
  private static final Path TTY = Path.of("/dev/tty");

  private final boolean raw;
  private final BlockingQueue<Integer> keys = new LinkedBlockingQueue<>();

  private Terminal(boolean raw) {
    this.raw = raw;
    Thread.ofPlatform().daemon().name("keys").start(() -> readKeys(System.in));
  }

  @SuppressWarnings("SystemConsoleNull") // it is null without a terminal, whatever the check says
  static Terminal open() throws IOException, InterruptedException {
    boolean raw = System.console() != null && System.console().isTerminal();
    if (raw) {
      stty("raw", "-echo");
    }
    return new Terminal(raw);
  }

  private static void stty(String... words) throws IOException, InterruptedException {
    String[] command = new String[words.length + 1];
    command[0] = "stty";
    System.arraycopy(words, 0, command, 1, words.length);
    new ProcessBuilder(command)
        .redirectInput(TTY.toFile())
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }

  private void readKeys(InputStream in) {
    try {
      for (int key = in.read(); key >= 0; key = in.read()) {
        keys.add(key);
      }
    } catch (IOException e) {
      keys.add(LEAVE);
    }
    keys.add(END_OF_INPUT);
  }

  /**
   * Hands keys to the guest and its output to the terminal. Keys typed before the guest listens
   * wait for it.
   *
   * @return true when the machine has ended, false when the user wants to leave
   */
  boolean converse(Shell shell, BooleanSupplier machineRuns, BooleanSupplier guestListens)
      throws IOException, InterruptedException {
    shell.copyTo(System.out);
    while (machineRuns.getAsBoolean()) {
      if (!guestListens.getAsBoolean() && !keys.contains(LEAVE)) {
        Thread.sleep(GLANCE_MILLIS);
        continue;
      }
      Integer key = keys.poll(GLANCE_MILLIS, TimeUnit.MILLISECONDS);
      if (key == null || key == END_OF_INPUT) {
        continue;
      }
      if (key == LEAVE) {
        return false;
      }
      shell.send(new byte[] {key.byteValue()});
    }
    return true;
  }

  /** Waits for a key. At the end of the input, {@code q}. */
  int awaitKey() throws InterruptedException {
    int key = keys.take();
    return key == END_OF_INPUT || key == LEAVE ? 'q' : key;
  }

  @Override
  public void close() throws IOException {
    if (raw) {
      try {
        stty("sane");
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
