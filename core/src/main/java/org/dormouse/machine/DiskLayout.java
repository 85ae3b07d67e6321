package org.dormouse.machine;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.dormouse.linux.BlockDevice;
import org.dormouse.linux.DeviceMapper.Below;
import org.dormouse.linux.DeviceMapper.Kind;
import org.dormouse.linux.DeviceMapper.Target;
import org.dormouse.linux.DeviceNumber;
import org.dormouse.memory.Pages;

/**
 * Where on disks the bytes of a device lie: partitions, and what the device mapper has made of them
 * (LVM's linear volumes, dm-crypt), followed down. Pure.
 */
public final class DiskLayout {
  private final Map<DeviceNumber, BlockDevice> devices = new TreeMap<>();
  private final Map<DeviceNumber, List<Target>> tables;

  /** That of the machine that was seen. */
  public DiskLayout(DiskFacts facts) {
    facts.devices().forEach(device -> devices.put(device.number(), device));
    tables = facts.tables();
  }

  /** The device with this number. */
  public Optional<BlockDevice> device(DeviceNumber number) {
    return Optional.ofNullable(devices.get(number));
  }

  /**
   * The pieces of a device in the order of its bytes, with holes where a disk cannot be told (RAID,
   * stripes, thin volumes, snapshots, authenticated encryption).
   */
  public List<DiskExtent> extents(BlockDevice device) {
    if (device.below().isEmpty()) {
      // What is not a whole page at the end cannot be read past the page cache everywhere.
      long size = Pages.alignDown(device.place().size(), Disks.ALIGNMENT);
      return size > 0 ? List.of(new DiskExtent(0, size, device, 0, Kind.PLAIN)) : List.of();
    }
    if (!device.place().disk().equals(device.name())) {
      return devices.values().stream()
          .filter(disk -> disk.name().equals(device.place().disk()))
          .flatMap(disk -> extents(disk).stream())
          .flatMap(extent -> extent.part(device.place().start(), device.place().size()).stream())
          .toList();
    }
    List<DiskExtent> extents = new ArrayList<>();
    for (Target target : tables.getOrDefault(device.number(), List.of())) {
      if (target.below().isPresent()) {
        Below below = target.below().get();
        BlockDevice lower = devices.get(below.device());
        // Only downwards, as sysfs says: no table leads this in circles.
        if (lower != null && device.below().contains(lower.number())) {
          extents(lower).stream()
              .flatMap(extent -> extent.part(below.offset(), target.length()).stream())
              .map(extent -> extent.below(target.start(), below.kind()))
              .forEach(extents::add);
        }
      }
    }
    return extents;
  }

  /** What a device is made of, and those below it, as Linux calls it: {@code linear, raid}. */
  public List<String> targets(BlockDevice device) {
    List<String> types = new ArrayList<>();
    if (device.name().startsWith("md")) {
      types.add("raid");
    }
    tables.getOrDefault(device.number(), List.of()).forEach(target -> types.add(target.type()));
    device.below().stream()
        .flatMap(lower -> device(lower).stream())
        .forEach(lower -> types.addAll(targets(lower)));
    return types.stream().distinct().toList();
  }
}
