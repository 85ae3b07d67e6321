package org.dormouse.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/**
 * Whether the running kernel lets anybody write to a block device. Constants: {@code
 * include/uapi/linux/fs.h}.
 */
public final class WriteProtection {
  private static final long BLKROSET = 0x125d;
  private static final long BLKROGET = 0x125e;

  private WriteProtection() {}

  /** Whether nobody may write. */
  public static boolean isOn(Path device) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment answer = arena.allocate(ValueLayout.JAVA_INT);
      call(device, BLKROGET, answer);
      return answer.get(ValueLayout.JAVA_INT, 0) != 0;
    }
  }

  /** From now on nobody may write; whoever has the device open for that gets errors. */
  public static void on(Path device) throws IOException {
    set(device, 1);
  }

  /** Writing is allowed again. */
  public static void off(Path device) throws IOException {
    set(device, 0);
  }

  private static void set(Path device, int value) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment wanted = arena.allocate(ValueLayout.JAVA_INT);
      wanted.set(ValueLayout.JAVA_INT, 0, value);
      call(device, BLKROSET, wanted);
    }
  }

  private static void call(Path device, long request, MemorySegment value) throws IOException {
    Ioctl.on(device, Ioctl.Access.READ, "write protection of " + device, request, value);
  }
}
