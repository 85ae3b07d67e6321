package org.dormouse.machine;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.dormouse.linux.BlockDevice;
import org.dormouse.linux.DeviceNumber;
import org.dormouse.linux.Mount;
import org.dormouse.linux.SwapArea;

/**
 * Which devices are in use, down to the disks, and where their bytes lie: a pure function of what
 * was seen.
 *
 * @param volumes what can be found on disks, the devices in use and all that lie below them
 * @param unknown what is in use and cannot be found on any disk, for people
 */
record VolumePlan(List<Volume> volumes, List<String> unknown) {
  /**
   * Devices that lie in memory or in a file of a file system that is in use itself; names are from
   * {@code drivers/block}.
   */
  private static final String NO_DISK = "(loop|zram|ram|nullb)[0-9].*";

  /** Devices across a network, which a saver does not have. */
  private static final String REMOTE = "(nbd|rbd|drbd)[0-9].*";

  /** A file system that tells nobody what it lies on. */
  private static final String SECRETIVE = "zfs";

  private static final String ARRAY = "md[0-9_].*";

  /** More are counted only. */
  private static final int NAMED = 3;

  private static final class Node {
    private final BlockDevice device;
    private final Set<String> points = new LinkedHashSet<>();
    private final Set<String> above = new LinkedHashSet<>();
    private String kind = "";
    private boolean inArray;

    private Node(BlockDevice device) {
      this.device = device;
    }

    private String about() {
      if (!points.isEmpty()) {
        return "mounted on " + named(points);
      }
      return above.isEmpty() ? "" : "below " + named(above);
    }
  }

  private static final class Walk {
    private final DiskLayout layout;
    private final Map<DeviceNumber, BlockDevice> devices = new TreeMap<>();
    private final Map<DeviceNumber, Node> nodes = new LinkedHashMap<>();
    private final Set<String> unknown = new LinkedHashSet<>();

    private Walk(DiskFacts facts) {
      layout = new DiskLayout(facts);
      facts.devices().forEach(device -> devices.put(device.number(), device));
    }

    private void mount(Mount mount) {
      if (mount.type().equals(SECRETIVE)) {
        unknown.add(mount.type() + ", mounted on " + mount.point());
      }
      for (DeviceNumber number : mount.sources()) {
        node(number)
            .ifPresent(
                top -> {
                  top.kind = mount.type();
                  top.points.add(mount.point());
                  descend(top, mount.point());
                });
      }
    }

    private void swap(SwapArea area) {
      area.device()
          .flatMap(this::node)
          .ifPresent(
              top -> {
                top.kind = "swap";
                descend(top, "swap");
              });
    }

    private Optional<Node> node(DeviceNumber number) {
      return Optional.ofNullable(devices.get(number))
          .filter(device -> !device.name().matches(NO_DISK))
          .map(device -> nodes.computeIfAbsent(number, any -> new Node(device)));
    }

    private void descend(Node upper, String purpose) {
      for (DeviceNumber number : upper.device.below()) {
        node(number)
            .ifPresent(
                lower -> {
                  // A partition of an array names the array's members, too.
                  lower.inArray |= upper.device.place().disk().matches(ARRAY);
                  if (lower.above.add(purpose)) {
                    descend(lower, purpose);
                  }
                });
      }
    }

    private VolumePlan plan() {
      List<Volume> volumes = new ArrayList<>();
      for (Node node : nodes.values()) {
        List<DiskExtent> extents = layout.extents(node.device);
        Volume volume = new Volume(node.device, node.kind, node.about(), extents, node.inArray);
        if (node.device.name().matches(REMOTE)) {
          unknown.add("/dev/" + node.device.name() + ", " + node.about());
        } else if (extents.isEmpty() || extents.getFirst().start() > 0) {
          if (!node.kind.isEmpty()) {
            unknown.add("/dev/" + node.device.name() + ", " + node.kind + ", " + node.about());
          }
        } else {
          volumes.add(volume);
        }
      }
      return new VolumePlan(List.copyOf(volumes), List.copyOf(unknown));
    }
  }

  static VolumePlan of(DiskFacts facts) {
    Walk walk = new Walk(facts);
    facts.mounts().forEach(walk::mount);
    facts.swapAreas().forEach(walk::swap);
    return walk.plan();
  }

  private static String named(Collection<String> names) {
    List<String> first = names.stream().limit(NAMED).toList();
    int more = names.size() - first.size();
    return String.join(", ", first) + (more > 0 ? " and " + more + " more" : "");
  }
}
