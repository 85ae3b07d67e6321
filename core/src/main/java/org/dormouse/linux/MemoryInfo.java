package org.dormouse.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * How much memory the running kernel has, in bytes: {@code /proc/meminfo}.
 *
 * @param total what the page allocator manages
 * @param free what is not used for anything
 * @param available what could be had without swapping
 */
public record MemoryInfo(long total, long free, long available) {
  private static final Path SOURCE = Path.of("/proc/meminfo");

  /** Reads the figures as they are now. */
  public static MemoryInfo read() throws IOException {
    List<String> lines = Files.readAllLines(SOURCE);
    return new MemoryInfo(
        bytes(lines, "MemTotal:"), bytes(lines, "MemFree:"), bytes(lines, "MemAvailable:"));
  }

  private static long bytes(List<String> lines, String name) throws IOException {
    for (String line : lines) {
      if (line.startsWith(name)) {
        return Long.parseLong(line.substring(name.length()).replace("kB", "").strip()) << 10;
      }
    }
    throw new IOException(SOURCE + " has no line " + name);
  }
}
