package org.dormouse.lab.workload;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Appends lines to a file, each with its number, and flushes the file to its disk after every
 * tenth.
 */
final class GrowingFile implements Runnable {
  private static final long PERIOD_MILLIS = 100;
  private static final int LINES_BETWEEN_FLUSHES = 10;

  private final Path file;
  private volatile long lines;

  GrowingFile(Path file) {
    this.file = file;
  }

  /** Lines written so far. */
  long lines() {
    return lines;
  }

  @Override
  public void run() {
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      for (long number = 1; ; number++) {
        String line = new StringBuilder().append(number).append(" still here\n").toString();
        channel.write(ByteBuffer.wrap(line.getBytes(StandardCharsets.US_ASCII)));
        if (number % LINES_BETWEEN_FLUSHES == 0) {
          channel.force(false);
        }
        lines = number;
        Thread.sleep(PERIOD_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
