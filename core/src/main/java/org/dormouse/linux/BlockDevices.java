package org.dormouse.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The block devices that the kernel knows. */
public final class BlockDevices {
  private static final Path CLASS = Path.of("/sys/class/block");
  private static final Path NODES = Path.of("/dev");

  private BlockDevices() {}

  /** The device nodes of all disks and partitions that have a size, sorted by name. */
  public static List<Path> all() throws IOException {
    if (!Files.isDirectory(CLASS)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(CLASS)) {
      return entries
          .filter(BlockDevices::hasSize)
          .map(entry -> NODES.resolve(entry.getFileName().toString()))
          .filter(Files::exists)
          .sorted()
          .toList();
    }
  }

  private static boolean hasSize(Path entry) {
    try {
      return !Files.readString(entry.resolve("size")).strip().equals("0");
    } catch (IOException e) {
      // A device that goes away while it is looked at is not there.
      return false;
    }
  }
}
