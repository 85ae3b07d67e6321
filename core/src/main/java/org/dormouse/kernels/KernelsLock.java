package org.dormouse.kernels;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.dormouse.text.ReportException;

/**
 * Held by the one process of a kernel that changes how the kernels stand. A switch holds it while
 * its kernel is away, too: another one that had looked at the table before would go on with what it
 * saw then.
 */
final class KernelsLock implements AutoCloseable {
  private static final Path FILE = Path.of("/run/dormouse/kernels.lock");

  private final FileChannel channel;

  private KernelsLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes it.
   *
   * @throws ReportException if another process has it
   */
  static KernelsLock take() throws IOException {
    Files.createDirectories(FILE.getParent());
    FileChannel channel =
        FileChannel.open(FILE, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (isTaken(channel)) {
      return new KernelsLock(channel);
    }
    channel.close();
    throw new ReportException(
        "another dormouse command is at work on the kernels",
        "Nothing was changed; the kernel goes on.",
        "Wait for it, then try again.");
  }

  private static boolean isTaken(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  /** Gives it up. */
  @Override
  public void close() throws IOException {
    channel.close();
  }
}
