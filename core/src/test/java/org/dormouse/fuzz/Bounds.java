package org.dormouse.fuzz;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Optional;
import org.dormouse.text.ReportException;

/**
 * What holds for whatever is read, however wrong it is: it is refused in words, and it takes no
 * more memory than it may.
 *
 * <p>Time is bounded by the fuzzer's own watch, memory off the heap hardly at all: {@code
 * -XX:MaxDirectMemorySize} counts the arenas that are closed by the garbage collector, and no
 * others.
 */
public final class Bounds {
  /** Something is read. */
  public interface Reading {
    /** Reads it, to its end or to where it is refused; perhaps twice. */
    void run() throws IOException, InterruptedException;
  }

  /**
   * The most that all threads together may allocate for one input, garbage included. A walk over an
   * index has a table of 1 MiB and may lease each page for itself; the fuzzer's own instruments are
   * in it.
   */
  private static final long MOST_HEAP_BYTES = 32 << 20;

  private static final ThreadMXBean THREADS =
      ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

  private Bounds() {}

  /**
   * Reads, and checks. What allocates too much is read again: the first time, classes are loaded
   * and instrumented on the way.
   *
   * @return why it was refused; empty if it was not
   */
  public static Optional<IOException> hold(Reading reading) throws InterruptedException {
    long before = allocated();
    Optional<IOException> refusal = read(reading);
    if (allocated() - before <= MOST_HEAP_BYTES) {
      return refusal;
    }
    long again = allocated();
    refusal = read(reading);
    long taken = allocated() - again;
    if (taken > MOST_HEAP_BYTES) {
      throw new AssertionError(taken + " bytes of heap were taken, at most " + MOST_HEAP_BYTES);
    }
    return refusal;
  }

  private static Optional<IOException> read(Reading reading) throws InterruptedException {
    try {
      reading.run();
      return Optional.empty();
    } catch (IOException e) {
      checkLine(e.getMessage());
      if (e instanceof ReportException told) {
        checkLine(told.report().line());
      }
      return Optional.of(e);
    }
  }

  /** What is told goes to a console or into a line of a file. */
  public static void checkLine(String text) {
    if (text == null || text.isEmpty() || text.chars().anyMatch(Character::isISOControl)) {
      throw new AssertionError("not a line for people: " + text);
    }
  }

  private static long allocated() {
    return THREADS.getTotalThreadAllocatedBytes();
  }
}
