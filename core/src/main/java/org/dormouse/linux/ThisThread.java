package org.dormouse.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The thread that calls. */
public final class ThisThread {
  /** {@code sched_setaffinity(2)}: 0 is the caller. */
  private static final long CALLER = 0;

  private ThisThread() {}

  /**
   * Moves it to a processor, where it stays. Returns when it runs there: never, if that processor
   * stands still.
   *
   * @param processor its number, 0 to 63
   * @return false if there is no such processor online; the thread is where it was
   */
  public static boolean moveTo(int processor) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment mask = arena.allocateFrom(ValueLayout.JAVA_LONG, 1L << processor);
      Syscall.SCHED_SETAFFINITY.call(
          "run on processor " + processor, CALLER, mask.byteSize(), mask.address());
      return true;
    } catch (LinuxException e) {
      if (e.errno() == Errno.EINVAL) {
        return false;
      }
      throw e;
    }
  }
}
