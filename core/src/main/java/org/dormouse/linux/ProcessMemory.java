package org.dormouse.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The memory of a process: {@code /proc/PID/status} ({@code fs/proc/task_mmu.c}). */
public final class ProcessMemory {
  private static final Pattern ANONYMOUS = Pattern.compile("RssAnon:\\s+([0-9]+) kB");

  private ProcessMemory() {}

  /**
   * What a process has for itself, in bytes, without files that others could have mapped too.
   *
   * @return empty if there is no such process
   */
  public static OptionalLong anonymous(long pid) throws IOException {
    try {
      return parse(Files.readAllLines(Path.of("/proc/" + pid + "/status")));
    } catch (NoSuchFileException e) {
      return OptionalLong.empty();
    }
  }

  static OptionalLong parse(List<String> lines) {
    for (String line : lines) {
      Matcher matcher = ANONYMOUS.matcher(line);
      if (matcher.matches()) {
        return OptionalLong.of(Long.parseLong(matcher.group(1)) << 10);
      }
    }
    return OptionalLong.empty();
  }
}
