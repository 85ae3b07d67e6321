package org.dormouse.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A disk, a partition, or what the kernel has made of some: {@code /sys/class/block} ({@code
 * Documentation/ABI/stable/sysfs-block}).
 *
 * @param number its number, which may be another one in the next kernel
 * @param name its name, {@code sda1}, for which the same holds
 * @param place where it lies
 * @param hardware what its disk says of itself
 * @param below the devices that it is made of, as device mapper and md do; none for hardware
 */
public record BlockDevice(
    DeviceNumber number, String name, Place place, Hardware hardware, List<DeviceNumber> below) {
  private static final Path SOURCE = Path.of("/sys/class/block");
  private static final Path NODES = Path.of("/dev");

  /** {@code include/linux/blk_types.h}: the unit of sizes in sysfs, whatever the disk's own is. */
  private static final int SECTOR_BYTES = 512;

  /** {@code PCI_SLOT} and so on, as {@code pci_setup_device} writes them. */
  private static final Pattern PCI_ADDRESS =
      Pattern.compile("[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7]");

  /**
   * Where a device lies.
   *
   * @param disk the name of the disk; its own name if it is no partition
   * @param start where on the disk it starts, bytes
   * @param size bytes
   */
  public record Place(String disk, long start, long size) {}

  /**
   * What a disk says of itself; what it does not say is empty.
   *
   * @param wwid a name that no other disk in the world has
   * @param serial its serial number
   * @param bus the PCI address of its controller
   */
  public record Hardware(String wwid, String serial, String bus) {}

  /** Copies the list. */
  public BlockDevice {
    below = List.copyOf(below);
  }

  /** All devices that have a size, sorted by number. */
  public static List<BlockDevice> all() throws IOException {
    return all(SOURCE);
  }

  static List<BlockDevice> all(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<BlockDevice> devices = new ArrayList<>();
    try (Stream<Path> entries = Files.list(folder)) {
      for (Path entry : entries.toList()) {
        // A device that goes away while it is looked at is not there.
        if (Files.exists(entry.resolve("dev")) && number(entry, "size") > 0) {
          devices.add(read(entry.toRealPath()));
        }
      }
    }
    devices.sort(Comparator.comparing(BlockDevice::number));
    return devices;
  }

  private static BlockDevice read(Path entry) throws IOException {
    String name = entry.getFileName().toString();
    Path disk = Files.exists(entry.resolve("partition")) ? entry.getParent() : entry;
    return new BlockDevice(
        DeviceNumber.parse(text(entry, "dev")),
        name,
        new Place(
            disk.getFileName().toString(),
            disk.equals(entry) ? 0 : number(entry, "start") * SECTOR_BYTES,
            number(entry, "size") * SECTOR_BYTES),
        hardware(disk),
        below(disk));
  }

  /**
   * Where drivers put names: NVMe {@code wwid} and {@code device/serial}, SCSI and ATA {@code
   * device/wwid} and page 80h of {@code device/}, virtio {@code serial}, MMC {@code device/cid}.
   */
  private static Hardware hardware(Path disk) throws IOException {
    return new Hardware(
        firstOf(text(disk, "wwid"), text(disk, "device/wwid"), text(disk, "device/cid")),
        firstOf(
            text(disk, "serial"), text(disk, "device/serial"), unitSerial(disk, "device/vpd_pg80")),
        PCI_ADDRESS
            .matcher(disk.toString())
            .results()
            .map(MatchResult::group)
            .reduce("", (earlier, later) -> later));
  }

  private static List<DeviceNumber> below(Path disk) throws IOException {
    List<DeviceNumber> below = new ArrayList<>();
    if (Files.isDirectory(disk.resolve("slaves"))) {
      try (Stream<Path> slaves = Files.list(disk.resolve("slaves"))) {
        for (Path slave : slaves.sorted().toList()) {
          below.add(DeviceNumber.parse(text(slave, "dev")));
        }
      }
    }
    return below;
  }

  private static String firstOf(String... names) {
    return Stream.of(names).filter(name -> !name.isEmpty()).findFirst().orElse("");
  }

  private static long number(Path entry, String attribute) throws IOException {
    String text = text(entry, attribute);
    return text.isEmpty() ? 0 : Long.parseLong(text);
  }

  /** An attribute in one line; empty if the device has none, or does not tell now. */
  private static String text(Path entry, String attribute) throws IOException {
    Path file = entry.resolve(attribute);
    if (!Files.isRegularFile(file)) {
      return "";
    }
    try {
      return printable(Files.readAllBytes(file), 0);
    } catch (IOException e) {
      // A driver may answer EIO or ENXIO for a name that the hardware lacks.
      return "";
    }
  }

  /** The unit serial number page of SPC-4, section 7.8.15: a header of 4 bytes, then text. */
  private static String unitSerial(Path disk, String attribute) throws IOException {
    Path file = disk.resolve(attribute);
    return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
        ? printable(Files.readAllBytes(file), 4)
        : "";
  }

  private static String printable(byte[] bytes, int from) {
    if (bytes.length <= from) {
      return "";
    }
    return new String(bytes, from, bytes.length - from, StandardCharsets.ISO_8859_1)
        .replaceAll("[^\\x20-\\x7e]", " ")
        .strip();
  }

  /** The device's node. */
  public Path node() {
    return node(name);
  }

  /** The node of its disk; its own if it is no partition. */
  public Path diskNode() {
    return node(place.disk());
  }

  private static Path node(String name) {
    // A slash in a kernel name (cciss/c0d0) is a '!' in sysfs.
    return NODES.resolve(name.replace('!', '/'));
  }
}
