package org.dormouse.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file that has room and keeps its place: {@code fallocate(2)}, and the attribute that lets
 * nobody write, move, rename or delete it ({@code FS_IMMUTABLE_FL}, {@code chattr +i}).
 */
public final class HeldFile {
  // include/uapi/asm-generic/fcntl.h
  private static final int O_RDWR = 2;
  private static final int O_CREAT = 0100;
  private static final int O_EXCL = 0200;
  private static final int O_CLOEXEC = 02000000;
  private static final int ONLY_OWNER = 0600;

  // include/uapi/linux/fs.h: _IOR('f', 1, long), _IOW('f', 2, long); the kernel takes an int
  private static final long FS_IOC_GETFLAGS = 0x80086601L;
  private static final long FS_IOC_SETFLAGS = 0x40086602L;
  private static final int FS_IMMUTABLE_FL = 0x10;
  private static final int FS_ENCRYPT_FL = 0x800;

  private HeldFile() {}

  /**
   * Makes a file that only its owner may read, with room for all of it, which reads as zeros. If it
   * fails there is no file.
   *
   * @param bytes its length
   * @throws LinuxException {@code EEXIST} if there is something of that name, {@code ENOSPC} if
   *     there is no room
   */
  public static void create(Path path, long bytes) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      long name = arena.allocateFrom(path.toString()).address();
      long descriptor =
          Syscall.OPEN.call(
              "create " + path, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, ONLY_OWNER);
      boolean done = false;
      try {
        Syscall.FALLOCATE.call("find room for " + path, descriptor, 0, 0, bytes);
        Syscall.FSYNC.call("flush " + path, descriptor);
        done = true;
      } finally {
        Syscall.CLOSE.call("close " + path, descriptor);
        if (!done) {
          Files.delete(path);
        }
      }
    }
  }

  /**
   * Makes a file longer, with room for all of it, which reads as zeros.
   *
   * @param bytes its length
   * @throws LinuxException {@code ENOSPC} if there is no room
   */
  public static void grow(Path path, long bytes) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      long name = arena.allocateFrom(path.toString()).address();
      long descriptor = Syscall.OPEN.call("open " + path, name, O_RDWR | O_CLOEXEC);
      try {
        Syscall.FALLOCATE.call("find room for " + path, descriptor, 0, 0, bytes);
        Syscall.FSYNC.call("flush " + path, descriptor);
      } finally {
        Syscall.CLOSE.call("close " + path, descriptor);
      }
    }
  }

  /** Whether nobody may change the file. */
  public static boolean isImmutable(Path path) throws IOException {
    return (flags(path) & FS_IMMUTABLE_FL) != 0;
  }

  /** Whether the file system encrypts what is in the file. */
  public static boolean isEncrypted(Path path) throws IOException {
    return (flags(path) & FS_ENCRYPT_FL) != 0;
  }

  /** From now on nobody may change the file. Needs root. */
  public static void hold(Path path) throws IOException {
    setFlags(path, flags(path) | FS_IMMUTABLE_FL);
  }

  /** The file may be changed and deleted again. Needs root. */
  public static void release(Path path) throws IOException {
    setFlags(path, flags(path) & ~FS_IMMUTABLE_FL);
  }

  private static int flags(Path path) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment flags = arena.allocate(ValueLayout.JAVA_LONG);
      Ioctl.on(path, Ioctl.Access.READ, "attributes of " + path, FS_IOC_GETFLAGS, flags);
      return flags.get(ValueLayout.JAVA_INT, 0);
    } catch (LinuxException e) {
      return switch (e.errno()) {
        // A file system without attributes; OTHER is EOPNOTSUPP.
        case ENOTTY, EINVAL, ENOSYS, OTHER -> 0;
        default -> throw e;
      };
    }
  }

  private static void setFlags(Path path, int value) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment flags = arena.allocate(ValueLayout.JAVA_LONG);
      flags.set(ValueLayout.JAVA_INT, 0, value);
      Ioctl.on(path, Ioctl.Access.READ, "change attributes of " + path, FS_IOC_SETFLAGS, flags);
    }
  }
}
