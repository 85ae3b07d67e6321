package org.dormouse.lab.qemu;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;

/**
 * What a machine prints on its console: kept in memory, written to a file with the host's time in
 * front of each line, and waited for.
 */
public final class SerialLog {
  /** Escape sequences of the firmware, and every other control character but the tab. */
  private static final Pattern CONTROL =
      Pattern.compile("\u001b\\[[0-9;?=]*[A-Za-z]|\u001bc|[\\x00-\\x08\\x0b-\\x1f]");

  private static final int READ_AT_ONCE = 4096;

  private final Path file;
  private final long startNanos;
  private final List<SerialLine> lines = new ArrayList<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final StringBuilder unfinished = new StringBuilder();
  private char previous;
  private boolean ended;
  private Optional<IOException> failure = Optional.empty();

  SerialLog(Path file, long startNanos) {
    this.file = file;
    this.startNanos = startNanos;
  }

  /** Where the lines are written. */
  public Path file() {
    return file;
  }

  /** All lines so far. */
  public List<SerialLine> lines() {
    lock.lock();
    try {
      return List.copyOf(lines);
    } finally {
      lock.unlock();
    }
  }

  /** The last lines so far, as they stand in the file. */
  public List<String> tail(int count) {
    List<SerialLine> all = lines();
    return all.subList(Math.max(0, all.size() - count), all.size()).stream()
        .map(SerialLine::toString)
        .toList();
  }

  /** The first line so far in which the pattern is found. */
  public Optional<SerialLine> find(Pattern pattern) {
    return firstMatch(lines(), pattern);
  }

  private static Optional<SerialLine> firstMatch(List<SerialLine> lines, Pattern pattern) {
    return lines.stream().filter(line -> pattern.matcher(line.text()).find()).findFirst();
  }

  /** What became of waiting for a line. */
  sealed interface Outcome {
    /** It came. */
    record Found(SerialLine line) implements Outcome {}

    /** A line came that the caller did not want to see first. */
    record Unwanted(SerialLine line) implements Outcome {}

    /** The machine ended first. */
    record Ended() implements Outcome {}

    /** Neither in time. */
    record TimedOut() implements Outcome {}
  }

  /** Waits for a line with this number or a higher one in which the pattern is found. */
  Outcome await(Pattern wanted, Pattern unwanted, int fromLine, Duration timeout)
      throws InterruptedException {
    long left = timeout.toNanos();
    int next = fromLine;
    lock.lock();
    try {
      while (true) {
        for (; next < lines.size(); next++) {
          SerialLine line = lines.get(next);
          if (wanted.matcher(line.text()).find()) {
            return new Outcome.Found(line);
          }
          if (unwanted.matcher(line.text()).find()) {
            return new Outcome.Unwanted(line);
          }
        }
        if (ended) {
          return new Outcome.Ended();
        }
        if (left <= 0) {
          return new Outcome.TimedOut();
        }
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Waits until the machine's output has ended. False if that took longer. */
  boolean awaitEnd(Duration timeout) throws InterruptedException {
    long left = timeout.toNanos();
    lock.lock();
    try {
      while (!ended && left > 0) {
        left = changed.awaitNanos(left);
      }
      return ended;
    } finally {
      lock.unlock();
    }
  }

  /** The error that ended the reading, if one did. */
  Optional<IOException> failure() {
    lock.lock();
    try {
      return failure;
    } finally {
      lock.unlock();
    }
  }

  /** What stands in the line that has not ended yet: a prompt, for example. */
  public String unfinished() {
    lock.lock();
    try {
      return CONTROL.matcher(unfinished).replaceAll("");
    } finally {
      lock.unlock();
    }
  }

  /** Reads until the stream ends. For a thread of its own. */
  void readAll(InputStream stream) {
    try (Reader reader = new InputStreamReader(stream, StandardCharsets.UTF_8);
        Writer writer = Files.newBufferedWriter(file)) {
      char[] some = new char[READ_AT_ONCE];
      for (int got = reader.read(some); got >= 0; got = reader.read(some)) {
        for (int i = 0; i < got; i++) {
          hear(some[i], writer);
        }
        writer.flush();
      }
      if (!unfinished.isEmpty()) {
        hear('\n', writer);
      }
    } catch (IOException e) {
      end(Optional.of(e));
      return;
    }
    end(Optional.empty());
  }

  /** A line ends with a line feed, a carriage return, or both. */
  private void hear(char letter, Writer writer) throws IOException {
    boolean second = letter == '\n' && previous == '\r';
    previous = letter;
    if (second) {
      return;
    }
    if (letter == '\n' || letter == '\r') {
      writer.write(add() + "\n");
      return;
    }
    lock.lock();
    try {
      unfinished.append(letter);
    } finally {
      lock.unlock();
    }
  }

  private SerialLine add() {
    Duration at = Duration.ofNanos(System.nanoTime() - startNanos);
    lock.lock();
    try {
      String text = CONTROL.matcher(unfinished).replaceAll("");
      unfinished.setLength(0);
      SerialLine line = new SerialLine(lines.size(), at, text);
      lines.add(line);
      changed.signalAll();
      return line;
    } finally {
      lock.unlock();
    }
  }

  private void end(Optional<IOException> because) {
    lock.lock();
    try {
      ended = true;
      failure = because;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits a little for more lines to come in, so that a report has what followed. */
  void settle() throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(300);
  }
}
