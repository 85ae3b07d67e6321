package org.dormouse.store;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.dormouse.linux.DirectFile;
import org.dormouse.linux.LinuxException;

/** A block device, or a regular file that exists, as a store. */
public final class BlockStore implements Store {
  private final DirectFile file;

  private BlockStore(DirectFile file) {
    this.file = file;
  }

  /**
   * Opens the device or file at {@code path} for reading.
   *
   * @throws StoreException if it cannot be opened
   */
  public static BlockStore forReading(Path path) throws StoreException {
    return open(path, DirectFile.Access.READ);
  }

  /**
   * Opens the device or file at {@code path} for reading and writing; a device must not be in use.
   *
   * @throws StoreException if it cannot be opened, or is mounted or otherwise in use
   */
  public static BlockStore forWriting(Path path) throws StoreException {
    return open(path, DirectFile.Access.WRITE);
  }

  private static BlockStore open(Path path, DirectFile.Access access) throws StoreException {
    try {
      return new BlockStore(DirectFile.open(path, access));
    } catch (IOException e) {
      throw new StoreException(
          "cannot open the store: " + e.getMessage(),
          "nothing was read or written",
          openingRemedy(path, e),
          e);
    }
  }

  private static String openingRemedy(Path path, IOException e) {
    if (!(e instanceof LinuxException linux)) {
      return "see whether " + path + " is a block device or a regular file";
    }
    return switch (linux.errno()) {
      case EBUSY -> "unmount or detach " + path + ", or name another store";
      case ENOENT, ENXIO, ENODEV -> "see whether the name is right and the device is there";
      case EACCES, EPERM -> "run as root";
      case EROFS -> "name a store that can be written";
      case EINVAL -> path + " cannot be read past the page cache (O_DIRECT): name a block device";
      default -> "see the kernel's log (dmesg) for " + path;
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
  public int sectorSize() {
    return file.sectorSize();
  }

  @Override
  public void read(long offset, MemorySegment target) throws StoreException {
    checkAligned(offset, target);
    try {
      file.read(offset, target);
    } catch (IOException e) {
      throw failed("cannot read the store", "what it holds is unchanged", e);
    }
  }

  @Override
  public void write(long offset, MemorySegment source) throws StoreException {
    checkAligned(offset, source);
    try {
      file.write(offset, source);
    } catch (IOException e) {
      throw failed("cannot write the store", "it may hold a part of what was written", e);
    }
  }

  @Override
  public void flush() throws StoreException {
    try {
      file.flush();
    } catch (IOException e) {
      throw failed("cannot flush the store", "what was written last may be lost", e);
    }
  }

  @Override
  public void close() throws StoreException {
    try {
      file.close();
    } catch (IOException e) {
      throw failed("cannot close the store", "what was flushed is safe", e);
    }
  }

  private StoreException failed(String happened, String state, IOException e) {
    return new StoreException(
        happened + ": " + e.getMessage(),
        state,
        "see the kernel's log (dmesg) for " + name() + ", or name another store",
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
