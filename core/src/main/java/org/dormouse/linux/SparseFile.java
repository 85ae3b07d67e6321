package org.dormouse.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;

/**
 * Where a file has data and where it has holes, which read as zeros: {@code lseek(2)} with {@code
 * SEEK_DATA} and {@code SEEK_HOLE}. Where the file system does not tell, all is data. For one
 * thread.
 */
public final class SparseFile implements AutoCloseable {
  // include/uapi/asm-generic/fcntl.h
  private static final int O_RDONLY = 0;
  private static final int O_CLOEXEC = 02000000;
  // include/uapi/linux/fs.h
  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;

  private final Path path;
  private final long descriptor;
  private final long size;

  private SparseFile(Path path, long descriptor, long size) {
    this.path = path;
    this.descriptor = descriptor;
    this.size = size;
  }

  /**
   * Opens a file.
   *
   * @param size its size in bytes
   */
  public static SparseFile open(Path path, long size) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      long name = arena.allocateFrom(path.toString()).address();
      long descriptor = Syscall.OPEN.call("open " + path, name, O_RDONLY | O_CLOEXEC);
      return new SparseFile(path, descriptor, size);
    }
  }

  /** The first byte at or after {@code from} that is data; the file's size if there is none. */
  public long nextData(long from) throws IOException {
    return from >= size ? size : seek(from, SEEK_DATA);
  }

  /** The first byte at or after {@code from} that is in a hole, or the file's size. */
  public long nextHole(long from) throws IOException {
    return from >= size ? size : seek(from, SEEK_HOLE);
  }

  private long seek(long from, int what) throws IOException {
    try {
      return Math.min(
          size, Syscall.LSEEK.call(() -> "look for holes in " + path, descriptor, from, what));
    } catch (LinuxException e) {
      return switch (e.errno()) {
        case ENXIO -> size;
        case EINVAL -> what == SEEK_DATA ? from : size;
        default -> throw e;
      };
    }
  }

  @Override
  public void close() throws IOException {
    Syscall.CLOSE.call("close " + path, descriptor);
  }
}
