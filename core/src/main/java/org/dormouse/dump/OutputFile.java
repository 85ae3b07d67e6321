package org.dormouse.dump;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.dormouse.text.Report;
import org.dormouse.text.ReportException;

/**
 * A new file, written by many threads at once, each at its own place. If it is not {@link #finish
 * finished}, it is deleted.
 */
final class OutputFile implements AutoCloseable {
  private final Path path;
  private final FileChannel channel;
  private boolean finished;

  private OutputFile(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /**
   * Makes the file.
   *
   * @throws IOException if there is one of that name already, or it cannot be made
   */
  static OutputFile create(Path path) throws IOException {
    return new OutputFile(
        path, FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
  }

  /** Writes all of {@code bytes}. Safe for concurrent use. */
  void write(long offset, MemorySegment bytes) throws IOException {
    ByteBuffer buffer = bytes.asByteBuffer();
    try {
      while (buffer.hasRemaining()) {
        channel.write(buffer, offset + buffer.position());
      }
    } catch (IOException e) {
      throw new ReportException(
          new Report(
              "cannot write " + path + ": " + e.getMessage(),
              "What was written of it is deleted.",
              "Free some space there, or name a place that has more."),
          e);
    }
  }

  /** Gives the file its length: what is not written up to there is a hole. */
  void extendTo(long bytes) throws IOException {
    if (bytes > channel.size()) {
      write(bytes - 1, MemorySegment.ofArray(new byte[1]));
    }
  }

  /** All is written: the file stays. */
  void finish() {
    finished = true;
  }

  @Override
  public void close() throws IOException {
    channel.close();
    if (!finished) {
      Files.deleteIfExists(path);
    }
  }
}
