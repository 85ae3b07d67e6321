package org.dormouse.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A mounted file system: a line of {@code /proc/self/mountinfo} ({@code proc_pid_mountinfo(5)}).
 *
 * @param device the number of the device it lies on; anonymous if it lies on none, or several
 * @param point where it is mounted
 * @param type what Linux calls the file system, {@code ext4}
 * @param sources the devices that it was mounted from, by their names or numbers; empty if what it
 *     was mounted from is no device
 */
public record Mount(DeviceNumber device, String point, String type, List<DeviceNumber> sources) {
  private static final Path SOURCE = Path.of("/proc/self/mountinfo");
  private static final Path BTRFS = Path.of("/sys/fs/btrfs");
  private static final Path CLASS = Path.of("/sys/class/block");

  /** Finds the numbers of devices. */
  interface Devices {
    /** Those that belong to the device named {@code name}, itself included; none if it is none. */
    List<DeviceNumber> named(String name) throws IOException;
  }

  /** Copies the list. */
  public Mount {
    sources = List.copyOf(sources);
  }

  /** The mounted file systems that the calling process sees. */
  public static List<Mount> all() throws IOException {
    return parse(Files.readAllLines(SOURCE), Mount::sourcesOf);
  }

  static List<Mount> parse(List<String> lines, Devices devices) throws IOException {
    List<Mount> mounts = new ArrayList<>();
    for (String line : lines) {
      List<String> words = Arrays.asList(line.split(" "));
      int separator = words.indexOf("-");
      if (separator < 6 || words.size() < separator + 3) {
        throw new IOException(SOURCE + ": cannot read the line '" + line + "'");
      }
      DeviceNumber device = DeviceNumber.parse(words.get(2));
      String type = words.get(separator + 1);
      mounts.add(
          new Mount(
              device,
              Escapes.undone(words.get(4)),
              type,
              device.isAnonymous()
                  ? devices.named(Escapes.undone(words.get(separator + 2)))
                  : List.of(device)));
    }
    return mounts;
  }

  /**
   * What file systems with an anonymous number (btrfs, bcachefs) were mounted from: device nodes,
   * with colons between; and for btrfs what belongs to the same file system.
   */
  private static List<DeviceNumber> sourcesOf(String name) throws IOException {
    List<DeviceNumber> numbers = new ArrayList<>();
    if (name.startsWith("/dev/")) {
      for (String node : name.split(":")) {
        if (Files.exists(Path.of(node))) {
          DeviceNumber number = DeviceNumber.ofNode(Path.of(node));
          numbers.add(number);
          btrfsFellows(number).stream()
              .filter(each -> !numbers.contains(each))
              .forEach(numbers::add);
        }
      }
    }
    return numbers;
  }

  private static List<DeviceNumber> btrfsFellows(DeviceNumber member) throws IOException {
    if (!Files.isDirectory(BTRFS)) {
      return List.of();
    }
    try (var fileSystems = Files.list(BTRFS)) {
      for (Path devices : fileSystems.map(each -> each.resolve("devices")).toList()) {
        List<DeviceNumber> fellows = new ArrayList<>();
        if (Files.isDirectory(devices)) {
          try (var names = Files.list(devices)) {
            for (Path name : names.toList()) {
              fellows.add(
                  DeviceNumber.parse(
                      Files.readString(CLASS.resolve(name.getFileName()).resolve("dev"))));
            }
          }
        }
        if (fellows.contains(member)) {
          return fellows;
        }
      }
    }
    return List.of();
  }
}
