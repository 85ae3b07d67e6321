package org.dormouse.linux;

import java.lang.foreign.MemorySegment;

/** The kernel's random bytes, {@code getrandom(2)}. */
public final class RandomBytes {
  /** What comes in one piece, whatever signal arrives. */
  private static final long MOST_BYTES = 256;

  private RandomBytes() {}

  /**
   * Fills {@code target}, native memory of at most 256 bytes; waits until the kernel has gathered
   * enough to be unpredictable.
   *
   * @throws LinuxException if the kernel has none
   */
  public static void fill(MemorySegment target) throws LinuxException {
    if (target.byteSize() > MOST_BYTES) {
      throw new IllegalArgumentException(target.byteSize() + " random bytes at once");
    }
    Syscall.GETRANDOM.call("random bytes", target.address(), target.byteSize(), 0);
  }
}
