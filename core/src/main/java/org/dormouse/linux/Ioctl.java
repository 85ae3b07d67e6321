package org.dormouse.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** One {@code ioctl(2)} on a device that is opened for it. */
final class Ioctl {
  // include/uapi/asm-generic/fcntl.h
  private static final long O_RDONLY = 0;
  private static final long O_RDWR = 2;
  private static final long O_CLOEXEC = 02000000;

  private Ioctl() {}

  /** How the device is opened. */
  enum Access {
    READ(O_RDONLY),
    READ_AND_WRITE(O_RDWR);

    private final long flags;

    Access(long flags) {
      this.flags = flags | O_CLOEXEC;
    }
  }

  /**
   * Makes the call.
   *
   * @param describedAs what it is for, for messages
   * @param argument what the call reads, and may write
   */
  static void on(
      Path device, Access access, String describedAs, long request, MemorySegment argument)
      throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      long descriptor =
          Syscall.OPEN.call(
              "open " + device, arena.allocateFrom(device.toString()).address(), access.flags);
      try {
        Syscall.IOCTL.call(describedAs, descriptor, request, argument.address());
      } finally {
        Syscall.CLOSE.call("close " + device, descriptor);
      }
    }
  }
}
