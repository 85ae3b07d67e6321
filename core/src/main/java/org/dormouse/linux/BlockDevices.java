package org.dormouse.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The block devices that the kernel knows. */
public final class BlockDevices {
  private static final Path CLASS = Path.of("/sys/class/block");
  private static final Path NODES = Path.of("/dev");

  // include/uapi/linux/stat.h
  private static final int S_IFMT = 0170000;
  private static final int S_IFBLK = 0060000;

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

  /** Whether what is there is a block device. */
  public static boolean isBlockDevice(Path path) throws IOException {
    int mode = (int) Files.getAttribute(path, "unix:mode");
    return (mode & S_IFMT) == S_IFBLK;
  }

  /**
   * The name of a link to a device.
   *
   * @param folder where udev keeps links, {@code /dev/disk/by-partuuid}
   * @return empty if there is none
   */
  public static Optional<String> link(Path folder, Path device) throws IOException {
    if (!Files.isDirectory(folder) || !Files.exists(device)) {
      return Optional.empty();
    }
    Path node = device.toRealPath();
    try (Stream<Path> links = Files.list(folder)) {
      for (Path link : links.sorted().toList()) {
        if (Files.exists(link) && link.toRealPath().equals(node)) {
          return Optional.of(link.getFileName().toString());
        }
      }
    }
    return Optional.empty();
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
