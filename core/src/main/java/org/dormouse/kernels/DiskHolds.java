package org.dormouse.kernels;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.dormouse.linux.BlockDevice;
import org.dormouse.linux.DeviceMapper;
import org.dormouse.linux.Errno;
import org.dormouse.linux.LinuxException;
import org.dormouse.linux.WriteProtection;
import org.dormouse.machine.DiskIdentity;
import org.dormouse.protocol.KernelTable.Held;

/**
 * What other kernels have in use, nobody mounts or writes to in this one: each such disk or
 * partition is claimed through the device mapper, so that {@code mount(2)} and {@code swapon(2)}
 * fail with {@code EBUSY}, and is write-protected, so that what the device mapper itself puts on
 * top of it (LVM, LUKS) cannot write either. The kernel sees to both; no process has to live for
 * it.
 */
final class DiskHolds {
  /** A claim's name; how the write protection was before, and the device's name follow. */
  private static final String PREFIX = "dormouse-held-";

  private static final String WAS_WRITABLE = PREFIX + "rw-";
  private static final String WAS_PROTECTED = PREFIX + "ro-";

  private DiskHolds() {}

  /**
   * A device to be held.
   *
   * @param device the device, by its name in this kernel
   * @param held why
   */
  record Wanted(BlockDevice device, Held held) {
    private String describe() {
      return "/dev/"
          + device.name()
          + ", which "
          + held.owner()
          + " has in use ("
          + held.use().kind()
          + (held.use().about().isEmpty() ? "" : ", " + held.use().about())
          + ")";
    }
  }

  /**
   * What there is to do.
   *
   * @param claim what is to be held and is not yet
   * @param release the names of claims on what nobody uses any more
   * @param unknown what is in use and cannot be told among this kernel's devices
   */
  record Plan(List<Wanted> claim, List<String> release, List<Held> unknown) {}

  /** Decides that. */
  static Plan plan(List<Held> inUse, List<BlockDevice> devices, List<String> claims) {
    List<Wanted> wanted = new ArrayList<>();
    List<Held> unknown = new ArrayList<>();
    for (Held held : inUse) {
      switch (held.use().disk().findAmong(devices)) {
        case DiskIdentity.Match.Found(BlockDevice device) -> wanted.add(new Wanted(device, held));
        // What is not there cannot be mounted.
        case DiskIdentity.Match.Missing _ -> {}
        case DiskIdentity.Match.Ambiguous _ -> unknown.add(held);
      }
    }
    Set<String> names =
        wanted.stream().map(each -> each.device().name()).collect(Collectors.toSet());
    Set<String> present =
        claims.stream()
            .filter(claim -> claim.startsWith(PREFIX))
            .map(DiskHolds::deviceName)
            .collect(Collectors.toSet());
    return new Plan(
        wanted.stream().filter(each -> !present.contains(each.device().name())).toList(),
        claims.stream()
            .filter(claim -> claim.startsWith(PREFIX) && !names.contains(deviceName(claim)))
            .toList(),
        unknown);
  }

  private static String deviceName(String claim) {
    return claim.substring(WAS_WRITABLE.length());
  }

  /**
   * Holds what is in use elsewhere, and nothing else any more.
   *
   * @return what could not be held, a sentence each
   */
  static List<String> update(List<Held> inUse) throws IOException {
    if (!DeviceMapper.isThere()) {
      return inUse.stream()
          .map(
              held ->
                  "this kernel has no device mapper, so nothing keeps it from mounting "
                      + held.use().described()
                      + ", which "
                      + held.owner()
                      + " has in use")
          .toList();
    }
    List<BlockDevice> devices = BlockDevice.all();
    Plan plan = plan(inUse, devices, DeviceMapper.names());
    List<String> failures = new ArrayList<>();
    for (String claim : plan.release()) {
      DeviceMapper.release(claim);
      for (BlockDevice device : devices) {
        if (claim.equals(WAS_WRITABLE + device.name())) {
          WriteProtection.off(device.node());
        }
      }
    }
    for (Wanted wanted : plan.claim()) {
      claim(wanted, failures);
    }
    for (Held held : plan.unknown()) {
      failures.add(
          "several disks look like "
              + held.use().described()
              + ", which "
              + held.owner()
              + " has in use: none of them is held");
    }
    return failures;
  }

  private static void claim(Wanted wanted, List<String> failures) throws IOException {
    BlockDevice device = wanted.device();
    boolean writable = !WriteProtection.isOn(device.node());
    try {
      DeviceMapper.claim(
          (writable ? WAS_WRITABLE : WAS_PROTECTED) + device.name(), device.number());
      WriteProtection.on(device.node());
    } catch (LinuxException e) {
      failures.add(
          e.errno() == Errno.EBUSY
              ? "this kernel uses " + wanted.describe() + ": unmount it here at once"
              : "this kernel cannot hold " + wanted.describe() + ": " + e.getMessage());
    }
  }
}
