package org.dormouse.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The number of a block device.
 *
 * @param major which driver
 * @param minor which of its devices
 */
public record DeviceNumber(int major, int minor) implements Comparable<DeviceNumber> {
  /**
   * Reads {@code major:minor}.
   *
   * @throws IllegalArgumentException if it is not that
   */
  public static DeviceNumber parse(String text) {
    String[] halves = text.strip().split(":");
    if (halves.length != 2) {
      throw new IllegalArgumentException("not a device number: " + text);
    }
    return new DeviceNumber(Integer.parseInt(halves[0]), Integer.parseInt(halves[1]));
  }

  /** The number of the device node {@code path}; 0:0 of what is no device node. */
  public static DeviceNumber ofNode(Path path) throws IOException {
    return Files.getAttribute(path, "unix:rdev") instanceof Long number
        ? ofNode(number)
        : new DeviceNumber(0, 0);
  }

  /**
   * The number of the device that the file or folder {@code path} lies on; anonymous if its file
   * system lies on none, or several.
   */
  public static DeviceNumber holding(Path path) throws IOException {
    return ofNode((long) Files.getAttribute(path, "unix:dev"));
  }

  /** {@code gnu_dev_major} and {@code gnu_dev_minor} of the C library. */
  static DeviceNumber ofNode(long number) {
    return new DeviceNumber(
        (int) (((number >>> 8) & 0xfff) | ((number >>> 32) & 0xfffff000L)),
        (int) ((number & 0xff) | ((number >>> 12) & 0xffffff00L)));
  }

  /** {@code huge_encode_dev} in {@code include/linux/kdev_t.h}. */
  long encoded() {
    return (minor & 0xffL) | ((long) major << 8) | ((minor & 0xffffff00L) << 12);
  }

  /** Whether this is the number of no device: of a file system that lies on none, or several. */
  public boolean isAnonymous() {
    return major == 0;
  }

  @Override
  public int compareTo(DeviceNumber other) {
    return major != other.major
        ? Integer.compare(major, other.major)
        : Integer.compare(minor, other.minor);
  }

  /** {@code major:minor}. */
  @Override
  public String toString() {
    return major + ":" + minor;
  }
}
