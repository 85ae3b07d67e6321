package org.dormouse.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A block device or regular file, read and written past the page cache ({@code O_DIRECT}) where its
 * file system can do that.
 *
 * <p>Offsets, lengths and the addresses of buffers must be multiples of {@link #ALIGNMENT}. Buffers
 * must be native memory. Reads and writes are whole: one that ends early is an error. Safe for
 * concurrent use until closed.
 */
public final class DirectFile implements AutoCloseable {
  /** What every offset, length and buffer address must be a multiple of, in bytes. */
  public static final int ALIGNMENT = 4096;

  /** What the file is opened for. */
  public enum Access {
    READ(0),
    /**
     * Exclusive: opening a block device that is mounted or otherwise in use fails with {@code
     * EBUSY}.
     */
    WRITE(2 | O_EXCL);

    private final int flags;

    Access(int flags) {
      this.flags = flags;
    }
  }

  // include/uapi/asm-generic/fcntl.h
  private static final int O_RDWR = 2;
  private static final int O_CREAT = 0100;
  private static final int O_EXCL = 0200;
  private static final int O_DIRECT = 040000;
  private static final int O_CLOEXEC = 02000000;

  /** What only root may read. */
  private static final int NEW_FILE_MODE = 0600;

  // include/uapi/linux/fs.h: _IOR(0x12, 114, size_t)
  private static final long BLKGETSIZE64 = 0x80081272L;

  // include/uapi/linux/fs.h: _IO(0x12, 97)
  private static final long BLKFLSBUF = 0x1261;

  private final Path path;
  private final long descriptor;
  private final long start;
  private volatile long size;

  private DirectFile(Path path, long descriptor, long size) {
    this(path, descriptor, 0, size);
  }

  /** What of an open file begins {@code start} bytes behind its beginning. */
  private DirectFile(Path path, long descriptor, long start, long size) {
    this.path = path;
    this.descriptor = descriptor;
    this.start = start;
    this.size = size;
  }

  /**
   * Opens a block device for reading and writing beside whoever uses it: only for places on it that
   * are known to be nobody else's. A kernel without {@code CONFIG_BLK_DEV_WRITE_MOUNTED} lets
   * nobody write to a device that is mounted; where that is a partition, its disk is written.
   *
   * @throws LinuxException {@code EBUSY} if the device is mounted and no partition, on such a
   *     kernel
   */
  public static DirectFile openShared(BlockDevice device) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      long size = device.place().size();
      try {
        return new DirectFile(device.node(), open(device.node(), O_RDWR, arena), size);
      } catch (LinuxException e) {
        // bdev_may_open in block/bdev.c; nothing else is EBUSY without O_EXCL.
        if (e.errno() != Errno.EBUSY || device.diskNode().equals(device.node())) {
          throw e;
        }
        long disk = open(device.diskNode(), O_RDWR, arena);
        return new DirectFile(device.node(), disk, device.place().start(), size);
      }
    }
  }

  /**
   * Opens a block device, or a regular file that exists.
   *
   * @throws LinuxException with the kernel's error, {@code EBUSY} if the device is in use
   */
  public static DirectFile open(Path path, Access access) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      long descriptor = open(path, access.flags, arena);
      try {
        if (Files.isRegularFile(path)) {
          return new DirectFile(path, descriptor, Files.size(path));
        }
        MemorySegment answer = arena.allocate(ValueLayout.JAVA_LONG);
        Syscall.IOCTL.call("size of " + path, descriptor, BLKGETSIZE64, answer.address());
        return new DirectFile(path, descriptor, answer.get(ValueLayout.JAVA_LONG, 0));
      } catch (IOException e) {
        Syscall.CLOSE.call("close " + path, descriptor);
        throw e;
      }
    }
  }

  /**
   * Creates a regular file.
   *
   * @param size its length in bytes; it is a hole at first
   * @throws LinuxException with the kernel's error, {@code EEXIST} if there is something already
   */
  public static DirectFile create(Path path, long size) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      DirectFile file = new DirectFile(path, open(path, O_RDWR | O_CREAT | O_EXCL, arena), 0);
      boolean sized = false;
      try {
        file.resize(size);
        sized = true;
        return file;
      } finally {
        if (!sized) {
          file.close();
          Files.delete(path);
        }
      }
    }
  }

  private static long open(Path path, int flags, Arena arena) throws LinuxException {
    long name = arena.allocateFrom(path.toString()).address();
    try {
      return Syscall.OPEN.call("open " + path, name, flags | O_DIRECT | O_CLOEXEC, NEW_FILE_MODE);
    } catch (LinuxException e) {
      if (e.errno() != Errno.EINVAL) {
        throw e;
      }
      // The file system knows only the page cache. The file that it was to create is there now.
      return Syscall.OPEN.call("open " + path, name, (flags & ~(O_CREAT | O_EXCL)) | O_CLOEXEC);
    }
  }

  /** Makes a regular file this long, in bytes. */
  public void resize(long bytes) throws IOException {
    Syscall.FTRUNCATE.call("resize " + path, descriptor, bytes);
    size = bytes;
  }

  /** The path that was opened. */
  public Path path() {
    return path;
  }

  /** The size in bytes. */
  public long size() {
    return size;
  }

  /**
   * Fills {@code target} from the bytes at {@code offset}.
   *
   * @throws IOException if the device fails or ends before {@code target} is full
   */
  public void read(long offset, MemorySegment target) throws IOException {
    transfer(Syscall.PREAD64, "read", offset, target);
  }

  /**
   * Writes all of {@code source} at {@code offset}. It is durable only after {@link #flush}.
   *
   * @throws IOException if the device fails or ends before {@code source} does
   */
  public void write(long offset, MemorySegment source) throws IOException {
    transfer(Syscall.PWRITE64, "write", offset, source);
  }

  /**
   * Has the kernel forget what it knows of a device's contents: another kernel has written to it.
   */
  public void forgetCached() throws IOException {
    Syscall.IOCTL.call("forget what is cached of " + path, descriptor, BLKFLSBUF, 0);
  }

  /** Makes everything written so far durable: through the device's own cache, onto its medium. */
  public void flush() throws IOException {
    Syscall.FDATASYNC.call("flush " + path, descriptor);
  }

  @Override
  public void close() throws IOException {
    Syscall.CLOSE.call("close " + path, descriptor);
  }

  private void transfer(Syscall call, String verb, long offset, MemorySegment memory)
      throws IOException {
    if (start > 0 && memory.byteSize() > size - offset) {
      throw new IOException(
          String.format(
              "%s %s: ends at byte %d, before %d bytes at %d",
              verb, path, size, memory.byteSize(), offset));
    }
    long done = 0;
    while (done < memory.byteSize()) {
      long count =
          call.call(
              () -> String.format("%s %s, %d bytes at %d", verb, path, memory.byteSize(), offset),
              descriptor,
              memory.address() + done,
              memory.byteSize() - done,
              start + offset + done);
      if (count == 0) {
        throw new IOException(
            String.format(
                "%s %s: ends at byte %d, %d bytes short",
                verb, path, offset + done, memory.byteSize() - done));
      }
      done += count;
    }
  }
}
