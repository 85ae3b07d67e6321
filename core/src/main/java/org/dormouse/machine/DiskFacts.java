package org.dormouse.machine;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.dormouse.linux.BlockDevice;
import org.dormouse.linux.DeviceMapper;
import org.dormouse.linux.DeviceMapper.Target;
import org.dormouse.linux.DeviceNumber;
import org.dormouse.linux.LinuxException;
import org.dormouse.linux.Mount;
import org.dormouse.linux.SwapArea;

/**
 * What is seen of the running machine's disks and of who uses them.
 *
 * @param mounts the mounted file systems
 * @param swapAreas the swap areas in use
 * @param devices all block devices
 * @param tables of what the device mapper has made its devices
 */
public record DiskFacts(
    List<Mount> mounts,
    List<SwapArea> swapAreas,
    List<BlockDevice> devices,
    Map<DeviceNumber, List<Target>> tables) {
  /** {@code /sys/class/block/dm-0} and so on: {@code drivers/md/dm.c}. */
  private static final String MAPPED = "dm-";

  /** Copies the lists. */
  public DiskFacts {
    mounts = List.copyOf(mounts);
    swapAreas = List.copyOf(swapAreas);
    devices = List.copyOf(devices);
    tables = Map.copyOf(tables);
  }

  /** Looks at the running machine. Needs root. */
  public static DiskFacts observe() throws IOException {
    List<BlockDevice> devices = BlockDevice.all();
    Map<DeviceNumber, List<Target>> tables = new HashMap<>();
    for (BlockDevice device : devices) {
      if (device.name().startsWith(MAPPED)) {
        tables.put(device.number(), table(device.number()));
      }
    }
    return new DiskFacts(Mount.all(), SwapArea.all(), devices, tables);
  }

  /** What cannot be asked for counts as made of the devices below in some unknown way. */
  private static List<Target> table(DeviceNumber device) throws IOException {
    try {
      return DeviceMapper.table(device);
    } catch (LinuxException e) {
      return List.of();
    }
  }
}
