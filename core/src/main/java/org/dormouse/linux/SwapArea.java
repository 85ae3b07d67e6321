package org.dormouse.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A swap area in use: a line of {@code /proc/swaps} ({@code swap_show} in {@code mm/swapfile.c}).
 *
 * @param path the device or file
 * @param device the device's number; empty for a file, which lies on a mounted file system
 * @param size bytes
 */
public record SwapArea(Path path, Optional<DeviceNumber> device, long size) {
  private static final Path SOURCE = Path.of("/proc/swaps");

  /** Finds the number of a device. */
  interface Devices {
    /** The number of the device node {@code path}. */
    DeviceNumber at(Path path) throws IOException;
  }

  /** All areas in use; none on a kernel without swap. */
  public static List<SwapArea> all() throws IOException {
    return Files.exists(SOURCE)
        ? parse(Files.readAllLines(SOURCE), DeviceNumber::ofNode)
        : List.of();
  }

  static List<SwapArea> parse(List<String> lines, Devices devices) throws IOException {
    List<SwapArea> areas = new ArrayList<>();
    for (String line : lines.stream().skip(1).toList()) {
      List<String> words = List.of(line.strip().split("\\s+"));
      if (words.size() < 5) {
        throw new IOException(SOURCE + ": cannot read the line '" + line + "'");
      }
      Path path = Path.of(Escapes.undone(words.getFirst()));
      areas.add(
          new SwapArea(
              path,
              words.get(words.size() - 4).equals("partition")
                  ? Optional.of(devices.at(path))
                  : Optional.empty(),
              Long.parseLong(words.get(words.size() - 3)) << 10));
    }
    return areas;
  }
}
