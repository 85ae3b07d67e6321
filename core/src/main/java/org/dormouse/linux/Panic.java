package org.dormouse.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;

/** Has the kernel panic: {@code Documentation/admin-guide/sysrq.rst}. */
public final class Panic {
  private static final Path TRIGGER = Path.of("/proc/sysrq-trigger");
  private static final long THIS_THREAD = 0;
  private static final long FIRST_PROCESSOR = 1;

  private Panic() {}

  /**
   * Panics on the first processor, the only one from which the way back of a panic can be taken.
   * Does not return, unless that fails. Needs no other thread to stand still, as a jump does.
   *
   * @throws IOException if the kernel has no such trigger ({@code CONFIG_MAGIC_SYSRQ})
   */
  public static void onFirstProcessor() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment mask = arena.allocateFrom(ValueLayout.JAVA_LONG, FIRST_PROCESSOR);
      Syscall.SCHED_SETAFFINITY.call(
          "run on the first processor", THIS_THREAD, mask.byteSize(), mask.address());
    }
    Files.writeString(TRIGGER, "c");
  }
}
