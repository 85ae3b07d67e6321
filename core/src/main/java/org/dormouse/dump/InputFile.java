package org.dormouse.dump;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file that is read here and there, by many threads. */
final class InputFile implements AutoCloseable {
  private final Path path;
  private final FileChannel channel;
  private final long size;

  private InputFile(Path path, FileChannel channel, long size) {
    this.path = path;
    this.channel = channel;
    this.size = size;
  }

  static InputFile open(Path path) throws IOException {
    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
    return new InputFile(path, channel, channel.size());
  }

  Path path() {
    return path;
  }

  /** Its length in bytes when it was opened. */
  long size() {
    return size;
  }

  /** Fills {@code target}. */
  void read(long offset, MemorySegment target) throws IOException {
    ByteBuffer buffer = target.asByteBuffer();
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, offset + buffer.position()) <= 0) {
        throw new CoreFormatException(
            path + " ends at byte " + (offset + buffer.position()) + ": it was cut");
      }
    }
  }

  /** Some bytes. Not for a number that nobody has looked at. */
  byte[] bytes(long offset, int count) throws IOException {
    byte[] bytes = new byte[count];
    read(offset, MemorySegment.ofArray(bytes));
    return bytes;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
