package org.dormouse.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much memory the running kernel has, and for what it is used, in bytes: {@code /proc/meminfo}
 * ({@code fs/proc/meminfo.c}).
 *
 * @param total what the page allocator manages
 * @param free what is not used for anything
 * @param available what could be had without swapping
 * @param use what the rest is used for
 * @param swap the swap areas
 * @param hardwareCorrupted what the hardware has lost: nobody may read it
 */
public record MemoryInfo(
    long total, long free, long available, Use use, Swap swap, long hardwareCorrupted) {
  private static final Path SOURCE = Path.of("/proc/meminfo");
  private static final Pattern LINE = Pattern.compile("([^:]+): *([0-9]+) kB");

  /**
   * What memory is used for.
   *
   * @param buffers block devices' pages in the page cache
   * @param cached files' pages in the page cache, {@code shmem} among them
   * @param dirty what of the page cache has to be written first
   * @param shmem shared memory and tmpfs, which can only be swapped
   * @param reclaimableSlab dentries, inodes and the like: {@code SReclaimable}
   * @param anonymous what processes have for themselves: {@code AnonPages}
   */
  public record Use(
      long buffers, long cached, long dirty, long shmem, long reclaimableSlab, long anonymous) {}

  /**
   * The swap areas.
   *
   * @param total all of them
   * @param free what of that is not used
   */
  public record Swap(long total, long free) {}

  /** Reads the figures as they are now. */
  public static MemoryInfo read() throws IOException {
    return parse(Files.readAllLines(SOURCE));
  }

  /** Parses the lines of {@code /proc/meminfo}; what only some kernels have is 0 on others. */
  static MemoryInfo parse(List<String> lines) throws IOException {
    Map<String, Long> bytes = new HashMap<>();
    for (String line : lines) {
      Matcher matcher = LINE.matcher(line);
      if (matcher.matches()) {
        bytes.put(matcher.group(1), Long.parseLong(matcher.group(2)) << 10);
      }
    }
    for (String name : List.of("MemTotal", "MemFree", "MemAvailable")) {
      if (!bytes.containsKey(name)) {
        throw new IOException(SOURCE + " has no line " + name);
      }
    }
    return new MemoryInfo(
        bytes.get("MemTotal"),
        bytes.get("MemFree"),
        bytes.get("MemAvailable"),
        new Use(
            bytes.getOrDefault("Buffers", 0L),
            bytes.getOrDefault("Cached", 0L),
            bytes.getOrDefault("Dirty", 0L),
            bytes.getOrDefault("Shmem", 0L),
            bytes.getOrDefault("SReclaimable", 0L),
            bytes.getOrDefault("AnonPages", 0L)),
        new Swap(bytes.getOrDefault("SwapTotal", 0L), bytes.getOrDefault("SwapFree", 0L)),
        bytes.getOrDefault("HardwareCorrupted", 0L));
  }
}
