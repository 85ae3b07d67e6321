package org.dormouse.sleep;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import org.dormouse.text.Report;
import org.dormouse.text.ReportException;

/**
 * Held by the one process of a kernel that changes what is loaded for a jump, or jumps. It holds it
 * while its kernel is away, too: another one that had looked before at what is loaded would go on
 * with what it saw then.
 */
public final class JumpLock implements AutoCloseable {
  private static final Path FILE = Path.of("/run/dormouse/jump.lock");

  /** As the launcher makes the folder, too. */
  private static final FileAttribute<?> FOR_ROOT =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private final FileChannel channel;

  private JumpLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes it.
   *
   * @throws ReportException if another process has it, or the user is not root
   */
  public static JumpLock take() throws IOException {
    return take(FILE);
  }

  static JumpLock take(Path file) throws IOException {
    FileChannel channel = open(file);
    if (isTaken(channel)) {
      return new JumpLock(channel);
    }
    channel.close();
    throw new ReportException(
        "another dormouse command is at work",
        "It goes on; this one has done nothing.",
        "Wait for it, then try again.");
  }

  private static FileChannel open(Path file) throws IOException {
    try {
      Files.createDirectories(file.getParent(), FOR_ROOT);
      return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (AccessDeniedException e) {
      throw new ReportException(
          new Report(
              "permission denied: " + e.getMessage(), "Nothing was changed.", "Run it as root."),
          e);
    }
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
