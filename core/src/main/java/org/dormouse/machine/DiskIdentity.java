package org.dormouse.machine;

import java.util.List;
import java.util.function.Predicate;
import org.dormouse.linux.BlockDevice;

/**
 * By what another kernel on the same machine knows a disk or partition again, without udev. Names
 * like {@code sda} may be another disk's there.
 *
 * @param wwid a name that no other disk in the world has; empty if the disk has none
 * @param serial the disk's serial number; empty if it has none
 * @param start where on the disk the partition starts, bytes
 * @param size bytes
 * @param bus the PCI address of the disk's controller; empty if unknown
 * @param name what it was called: the last hint, and what people read
 */
public record DiskIdentity(
    String wwid, String serial, long start, long size, String bus, String name) {
  /** What became of a disk. */
  public sealed interface Match {
    /** It is there. */
    record Found(BlockDevice device) implements Match {}

    /** It is not there. */
    record Missing() implements Match {}

    /** Several may be it. */
    record Ambiguous(List<BlockDevice> devices) implements Match {}
  }

  /** What is known of {@code device}. */
  public static DiskIdentity of(BlockDevice device) {
    return new DiskIdentity(
        device.hardware().wwid(),
        device.hardware().serial(),
        device.place().start(),
        device.place().size(),
        device.hardware().bus(),
        device.name());
  }

  /**
   * Looks for it among {@code devices}, of which those that are made of others are left out. Size,
   * place and what the disk says of itself must be the same; bus and name only decide between
   * several.
   */
  public Match findAmong(List<BlockDevice> devices) {
    List<BlockDevice> fitting =
        devices.stream()
            .filter(device -> device.below().isEmpty() && fits(DiskIdentity.of(device)))
            .toList();
    fitting = preferring(fitting, device -> device.hardware().bus().equals(bus));
    fitting = preferring(fitting, device -> device.name().equals(name));
    return switch (fitting.size()) {
      case 0 -> new Match.Missing();
      case 1 -> new Match.Found(fitting.getFirst());
      default -> new Match.Ambiguous(fitting);
    };
  }

  /**
   * Whether {@code other}, seen by another kernel, is the same: where neither has a name of its
   * own, the controller decides.
   */
  public boolean isSame(DiskIdentity other) {
    boolean named = !wwid.isEmpty() || !serial.isEmpty();
    return fits(other) && (named || bus.equals(other.bus));
  }

  private boolean fits(DiskIdentity seen) {
    return seen.start == start
        && seen.size == size
        && seen.wwid.equals(wwid)
        && seen.serial.equals(serial);
  }

  private static List<BlockDevice> preferring(
      List<BlockDevice> devices, Predicate<BlockDevice> better) {
    List<BlockDevice> preferred = devices.stream().filter(better).toList();
    return devices.size() < 2 || preferred.isEmpty() ? devices : preferred;
  }
}
