package org.dormouse.machine;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dormouse.linux.BlockDevice;
import org.dormouse.linux.DeviceNumber;

/** Which disks and partitions a kernel uses, so that no other kernel on the machine may. */
public final class DisksInUse {
  private DisksInUse() {}

  /**
   * Finds them: what is mounted, swapped on, or below a device of the device mapper or of md that
   * is open, down to the disks. Nothing is read from them.
   */
  public static List<DiskUse> of(DiskFacts facts) {
    Map<DeviceNumber, DiskUse> uses = new LinkedHashMap<>();
    for (Volume volume : VolumePlan.of(facts).volumes()) {
      if (volume.device().below().isEmpty()) {
        uses.put(volume.device().number(), use(volume.device(), volume.kind(), volume.about()));
      }
    }
    // What is assembled can be mounted any time.
    for (BlockDevice upper : facts.devices()) {
      for (DeviceNumber number : upper.below()) {
        facts.devices().stream()
            .filter(lower -> lower.number().equals(number) && lower.below().isEmpty())
            .forEach(
                lower -> uses.putIfAbsent(number, use(lower, "", "below /dev/" + upper.name())));
      }
    }
    return List.copyOf(uses.values());
  }

  private static DiskUse use(BlockDevice device, String kind, String about) {
    return new DiskUse(DiskIdentity.of(device), kind.isEmpty() ? "data" : kind, about, List.of());
  }
}
