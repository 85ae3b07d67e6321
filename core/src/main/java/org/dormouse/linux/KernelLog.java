package org.dormouse.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * The kernel's log, {@code /dev/kmsg}: what is written there is on the console and in {@code
 * dmesg}.
 */
public final class KernelLog {
  private static final Path DEVICE = Path.of("/dev/kmsg");

  /** {@code SYSLOG_ACTION_READ_ALL}, {@code include/linux/syslog.h}. */
  private static final long READ_ALL = 3;

  private static final long TAIL_BYTES = 16 << 10;

  private KernelLog() {}

  /**
   * The newest lines of the log, oldest first, without their levels.
   *
   * @param most how many lines at most
   */
  public static List<String> tail(int most) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocate(TAIL_BYTES);
      long length = Syscall.SYSLOG.call("read the log", READ_ALL, text.address(), TAIL_BYTES);
      byte[] bytes = text.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
      List<String> lines =
          new String(bytes, StandardCharsets.UTF_8)
              .lines()
              .map(line -> line.replaceFirst("^<\\d+>", ""))
              .toList();
      return lines.subList(Math.max(0, lines.size() - most), lines.size());
    }
  }

  /** Writes one line at level {@code notice}. */
  public static void write(String line) throws IOException {
    Files.writeString(DEVICE, "<5>" + line + "\n", StandardOpenOption.WRITE);
  }
}
