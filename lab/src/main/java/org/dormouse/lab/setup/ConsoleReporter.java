package org.dormouse.lab.setup;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/**
 * Shows the steps to a person: a bar that moves on a terminal, one line per event anywhere else.
 */
public final class ConsoleReporter implements Reporter {
  private static final int BAR_CHARACTERS = 30;

  /** The terminal's control sequence that erases from the cursor to the end of the line. */
  private static final String ERASE_REST = "\u001b[K";

  private enum Style {
    TERMINAL(Duration.ofMillis(100)),
    LINES(Duration.ofSeconds(20));

    /** The least time between two signs of progress. */
    private final Duration patience;

    Style(Duration patience) {
      this.patience = patience;
    }
  }

  private final PrintStream out;
  private final Style style;
  private String step = "";
  private long begun;
  private long drawn;

  private ConsoleReporter(PrintStream out, Style style) {
    this.out = out;
    this.style = style;
  }

  /** For a terminal, where a line can be written again. */
  public static ConsoleReporter onTerminal(PrintStream out) {
    return new ConsoleReporter(out, Style.TERMINAL);
  }

  /** For a log. */
  public static ConsoleReporter inLines(PrintStream out) {
    return new ConsoleReporter(out, Style.LINES);
  }

  /** Writes to standard error, so that standard output stays the command's own. */
  @SuppressWarnings("SystemConsoleNull") // it is null without a terminal, whatever the check says
  public static ConsoleReporter onStandardError() {
    // System.console() tells whether standard input and output are a terminal, the best that Java
    // has.
    return System.console() != null && System.console().isTerminal()
        ? onTerminal(System.err)
        : inLines(System.err);
  }

  @Override
  public void started(String step) {
    this.step = step;
    begun = System.nanoTime();
    drawn = begun;
    switch (style) {
      case TERMINAL -> draw("");
      case LINES -> out.println("  " + step + " ...");
    }
  }

  @Override
  public void progress(long done, long expected) {
    long now = System.nanoTime();
    if (now - drawn < style.patience.toNanos()) {
      return;
    }
    drawn = now;
    int percent = percent(done, expected);
    switch (style) {
      case TERMINAL -> draw(bar(percent));
      case LINES -> out.println("  " + step + ": " + percent + " %");
    }
  }

  @Override
  public void finished(String step, Duration took) {
    end(String.format(Locale.ROOT, "  %s: %s s", step, seconds(took)));
  }

  @Override
  public void failed(String step) {
    end("  " + step + ": failed");
  }

  private void draw(String bar) {
    Duration passed = Duration.ofNanos(System.nanoTime() - begun);
    out.printf(Locale.ROOT, "\r  %s%s %s s%s", step, bar, seconds(passed), ERASE_REST);
    out.flush();
  }

  private void end(String line) {
    out.println(style == Style.TERMINAL ? "\r" + line + ERASE_REST : line);
  }

  /** The estimate may be short, so a step is at 100 % only when it has ended. */
  private static int percent(long done, long expected) {
    return (int) Math.min(99, 100 * done / Math.max(1, expected));
  }

  private static String bar(int percent) {
    int full = percent * BAR_CHARACTERS / 100;
    return " [%s%s] %2d %%".formatted("#".repeat(full), " ".repeat(BAR_CHARACTERS - full), percent);
  }

  private static String seconds(Duration duration) {
    return String.format(Locale.ROOT, "%.1f", duration.toMillis() / 1000.0);
  }
}
