package org.dormouse.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.dormouse.text.ProgressBar;

/**
 * Shows how far long work has come, until it is closed: on a terminal a bar that is drawn again and
 * again, else a line every few seconds. Work that is done within two seconds shows nothing.
 */
final class ProgressLine implements AutoCloseable {
  private static final Duration SILENCE = Duration.ofSeconds(2);
  private static final Duration REDRAW = Duration.ofMillis(200);
  private static final Duration NEXT_LINE = Duration.ofSeconds(10);

  private final String what;
  private final long total;
  private final LongSupplier done;
  private final PrintWriter out;
  private final boolean terminal;
  private final long start = System.nanoTime();
  private final Thread thread;

  /**
   * Begins.
   *
   * @param what the work, for people
   * @param total how many bytes there are to do
   * @param done how many are done
   * @param out a terminal, perhaps
   */
  ProgressLine(String what, long total, LongSupplier done, PrintWriter out) {
    this.what = what;
    this.total = total;
    this.done = done;
    this.out = out;
    this.terminal = isTerminal();
    this.thread = Thread.ofPlatform().name("progress").daemon().start(this::show);
  }

  @SuppressWarnings("SystemConsoleNull") // it is null in JDK 25 without a terminal
  private static boolean isTerminal() {
    return System.console() != null && System.console().isTerminal();
  }

  private void show() {
    try {
      Thread.sleep(SILENCE);
      while (true) {
        if (terminal) {
          out.print("\r" + line() + "\033[K");
        } else {
          out.println(line());
        }
        out.flush();
        Thread.sleep(terminal ? REDRAW : NEXT_LINE);
      }
    } catch (InterruptedException e) {
      // Closed.
    }
  }

  private String line() {
    return ProgressBar.line(
        what, done.getAsLong(), total, Duration.ofNanos(System.nanoTime() - start));
  }

  /** Takes the bar away. */
  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (terminal) {
      out.print("\r\033[K");
      out.flush();
    }
  }
}
