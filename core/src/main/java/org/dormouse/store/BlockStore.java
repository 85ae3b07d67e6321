package org.dormouse.store;

import static org.dormouse.linux.Errno.EBUSY;
import static org.dormouse.linux.Errno.EEXIST;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.dormouse.linux.BlockDevice;
import org.dormouse.linux.DirectFile;
import org.dormouse.linux.LinuxException;
import org.dormouse.memory.Pages;
import org.dormouse.text.Report;
import org.dormouse.text.ReportException;

/** A block device or a regular file as a store. */
public final class BlockStore implements Store {
  private static final long HEAD_BYTES = 1 << 20;

  private final DirectFile file;

  private BlockStore(DirectFile file) {
    this.file = file;
  }

  /**
   * Opens the device or file at {@code path} for reading.
   *
   * @throws ReportException if it cannot be opened
   */
  public static BlockStore forReading(Path path) throws ReportException {
    return open(path, DirectFile.Access.READ);
  }

  /**
   * Opens the device or file at {@code path} for reading and writing; a device must not be in use.
   *
   * @throws ReportException if it cannot be opened, or is mounted or otherwise in use
   */
  public static BlockStore forWriting(Path path) throws ReportException {
    return open(path, DirectFile.Access.WRITE);
  }

  /**
   * Opens a device for reading and writing beside whoever uses it: only for a store that is known
   * to lie in places that are nobody else's.
   *
   * @throws ReportException if it cannot be opened
   */
  static BlockStore forSharedWriting(BlockDevice device) throws ReportException {
    try {
      return new BlockStore(DirectFile.openShared(device));
    } catch (IOException e) {
      String remedy =
          e instanceof LinuxException linux && linux.errno() == EBUSY
              ? "The kernel lets nobody write to a disk that is mounted"
                  + " (CONFIG_BLK_DEV_WRITE_MOUNTED). Name a file on a partition, or a partition."
              : openingRemedy(device.node(), e);
      throw new ReportException(
          new Report(
              "cannot open the store: " + e.getMessage(), "Nothing was read or written.", remedy),
          e);
    }
  }

  /**
   * Creates a file.
   *
   * @param bytes how long it may become; what is not written takes no room
   * @throws ReportException if that cannot be done, or there is such a file
   */
  public static BlockStore create(Path path, long bytes) throws ReportException {
    try {
      return new BlockStore(DirectFile.create(path, Pages.alignUp(bytes, ALIGNMENT)));
    } catch (IOException e) {
      throw new ReportException(
          new Report(
              "cannot create the store: " + e.getMessage(),
              "Nothing was written.",
              creatingRemedy(path, e)),
          e);
    }
  }

  private static String creatingRemedy(Path path, IOException e) {
    return e instanceof LinuxException linux && linux.errno() == EEXIST
        ? "Name another file, or remove " + path + "."
        : "Name a file in a folder that can be written, with room for it.";
  }

  /**
   * Makes a file longer, with a hole, or shorter.
   *
   * @param bytes its new length; what lies behind is gone
   */
  public void resize(long bytes) throws ReportException {
    try {
      file.resize(Pages.alignUp(bytes, ALIGNMENT));
    } catch (IOException e) {
      throw failed("cannot resize the store", "What was written is there.", e);
    }
  }

  /**
   * Has the kernel forget what it knows of a device's contents, for those who read it through the
   * page cache: another kernel has written to it.
   */
  public void forgetCached() throws ReportException {
    try {
      file.forgetCached();
    } catch (IOException e) {
      throw failed("cannot have the store read anew", "What was written is there.", e);
    }
  }

  /**
   * Makes the first MiB zero, by which stores, file systems and swap areas are known.
   *
   * @throws ReportException if it cannot be written
   */
  public void clearHead() throws ReportException {
    try (Arena arena = Arena.ofConfined()) {
      long bytes = Math.min(HEAD_BYTES, Pages.alignDown(size(), ALIGNMENT));
      write(0, arena.allocate(bytes, ALIGNMENT));
      flush();
    }
  }

  private static BlockStore open(Path path, DirectFile.Access access) throws ReportException {
    try {
      return new BlockStore(DirectFile.open(path, access));
    } catch (IOException e) {
      throw new ReportException(
          new Report(
              "cannot open the store: " + e.getMessage(),
              "Nothing was read or written.",
              openingRemedy(path, e)),
          e);
    }
  }

  private static String openingRemedy(Path path, IOException e) {
    if (!(e instanceof LinuxException linux)) {
      return "See whether " + path + " is a block device or a regular file.";
    }
    return switch (linux.errno()) {
      case EBUSY -> "Unmount or detach " + path + ", or name another store.";
      case ENOENT, ENXIO, ENODEV -> "See whether the name is right and the device is there.";
      case EACCES, EPERM -> "Run this as root.";
      case EROFS -> "Name a store that can be written.";
      case EINVAL -> path + " cannot be read past the page cache (O_DIRECT). Name a block device.";
      default -> "See the kernel's log (dmesg) for " + path + ".";
    };
  }

  @Override
  public String name() {
    return file.path().toString();
  }

  @Override
  public long size() {
    return file.size();
  }

  @Override
  public void read(long offset, MemorySegment target) throws ReportException {
    checkAligned(offset, target);
    try {
      file.read(offset, target);
    } catch (IOException e) {
      throw failed("cannot read the store", "What it holds is unchanged.", e);
    }
  }

  @Override
  public void write(long offset, MemorySegment source) throws ReportException {
    checkAligned(offset, source);
    try {
      file.write(offset, source);
    } catch (IOException e) {
      throw failed("cannot write the store", "It may hold a part of what was written.", e);
    }
  }

  @Override
  public void flush() throws ReportException {
    try {
      file.flush();
    } catch (IOException e) {
      throw failed("cannot flush the store", "What was written last may be lost.", e);
    }
  }

  @Override
  public void close() throws ReportException {
    try {
      file.close();
    } catch (IOException e) {
      throw failed("cannot close the store", "What was flushed is safe.", e);
    }
  }

  private ReportException failed(String happened, String state, IOException e) {
    return new ReportException(
        new Report(
            happened + ": " + e.getMessage(),
            state,
            "See the kernel's log (dmesg) for " + name() + ", or name another store."),
        e);
  }

  private static void checkAligned(long offset, MemorySegment memory) {
    if (((offset | memory.address() | memory.byteSize()) & (ALIGNMENT - 1)) != 0) {
      throw new IllegalArgumentException(
          String.format(
              "not a multiple of %d: offset %d, length %d or address 0x%x",
              ALIGNMENT, offset, memory.byteSize(), memory.address()));
    }
  }
}
