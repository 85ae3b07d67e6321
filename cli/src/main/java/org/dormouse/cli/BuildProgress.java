package org.dormouse.cli;

import java.io.PrintWriter;
import java.time.Duration;
import org.dormouse.rebuild.BuildJournal;

/** Tells how a kernel's build gets on: each step, and of the long one a line every minute. */
final class BuildProgress implements BuildJournal {
  private static final Duration BETWEEN = Duration.ofMinutes(1);

  private final long expected;
  private final PrintWriter out;
  private final long start = System.nanoTime();
  private long last = start;

  /**
   * @param expected how many files are compiled in all, about; fewer if some are compiled already
   */
  BuildProgress(long expected, PrintWriter out) {
    this.expected = expected;
    this.out = out;
  }

  @Override
  public void step(String name) {
    tell(since(start) + "  " + name);
    last = System.nanoTime();
  }

  @Override
  public void line(String text) {
    tell("         " + text);
  }

  private void tell(String text) {
    out.println(text);
    out.flush();
  }

  @Override
  public void compiled(long files) {
    if (System.nanoTime() - last >= BETWEEN.toNanos()) {
      last = System.nanoTime();
      tell("%s  %d files compiled, of about %d".formatted(since(start), files, expected));
    }
  }

  private static String since(long start) {
    Duration time = Duration.ofNanos(System.nanoTime() - start);
    return "%d:%02d:%02d".formatted(time.toHours(), time.toMinutesPart(), time.toSecondsPart());
  }
}
