package org.dormouse.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The kernel modules that drive some of the machine's devices, by what the running kernel says of
 * them in sysfs ({@code Documentation/driver-api/driver-model/driver.rst}). Drivers that are built
 * in have none.
 */
public final class DriverModules {
  private static final Path SYSFS = Path.of("/sys");

  /** What leads from the subsystem of an NVMe disk with several paths to its controllers. */
  private static final Pattern NVME_CONTROLLER = Pattern.compile("nvme\\d+");

  /** {@code KEY_ENTER} and {@code KEY_A} of {@code include/uapi/linux/input-event-codes.h}. */
  private static final long TYPING_KEYS = 1L << 28 | 1L << 30;

  private final Path sysfs;
  private final SortedSet<String> names = new TreeSet<>();

  private DriverModules(Path sysfs) {
    this.sysfs = sysfs;
  }

  /**
   * Those between a block device and the processor: of the disk, its controller, the bus; and of
   * what the device is made of.
   *
   * @param path a block device's node, or a link to one; or a file, for the device that its file
   *     system lies on
   * @throws IOException if it lies on no device, or on several
   */
  public static SortedSet<String> below(Path path) throws IOException {
    DeviceNumber number =
        BlockDevices.isBlockDevice(path)
            ? DeviceNumber.ofNode(path)
            : DeviceNumber.ofNode((long) Files.getAttribute(path, "unix:dev"));
    if (!Files.exists(SYSFS.resolve("dev/block/" + number))) {
      throw new IOException(path + " does not lie on one block device");
    }
    return below(SYSFS, number);
  }

  static SortedSet<String> below(Path sysfs, DeviceNumber number) throws IOException {
    DriverModules modules = new DriverModules(sysfs);
    modules.addBlockDevice(sysfs.resolve("dev/block/" + number));
    return modules.names;
  }

  /** Those of the keyboards that a person can type on. */
  public static SortedSet<String> ofKeyboards() throws IOException {
    return ofKeyboards(SYSFS);
  }

  static SortedSet<String> ofKeyboards(Path sysfs) throws IOException {
    DriverModules modules = new DriverModules(sysfs);
    for (Path input : KernelFile.list(sysfs.resolve("class/input"))) {
      if (isKeyboard(input)) {
        modules.addFrom(input.toRealPath());
      }
    }
    return modules.names;
  }

  private static boolean isKeyboard(Path input) throws IOException {
    Path keys = input.resolve("capabilities/key");
    if (!Files.exists(keys)) {
      return false;
    }
    // Words of 64 bits in hexadecimal digits, the lowest last.
    String[] words = KernelFile.read(keys).split(" ");
    long lowest = Long.parseUnsignedLong(words[words.length - 1], 16);
    return (lowest & TYPING_KEYS) == TYPING_KEYS;
  }

  private void addBlockDevice(Path entry) throws IOException {
    Path place = entry.toRealPath();
    addFrom(place);
    Path disk = Files.exists(place.resolve("partition")) ? place.getParent() : place;
    for (Path below : KernelFile.list(disk.resolve("slaves"))) {
      addBlockDevice(below);
    }
  }

  /** Those of the device in a folder and of all that it hangs on. */
  private void addFrom(Path place) throws IOException {
    Path root = sysfs.toRealPath().resolve("devices");
    for (Path at = place; at.startsWith(root) && !at.equals(root); at = at.getParent()) {
      Path module = at.resolve("driver/module");
      if (Files.exists(module)) {
        names.add(module.toRealPath().getFileName().toString());
      }
      for (Path entry : KernelFile.list(at)) {
        if (Files.isSymbolicLink(entry)
            && NVME_CONTROLLER.matcher(entry.getFileName().toString()).matches()) {
          addFrom(entry.toRealPath());
        }
      }
    }
  }
}
