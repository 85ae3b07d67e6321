package org.dormouse.lab;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Locale;
import org.dormouse.lab.qemu.Disk;
import org.dormouse.lab.qemu.MachineOptions;

/** A disk that fails with an input/output error: QEMU's blkdebug driver. */
enum FaultyDisk {
  READ,
  WRITE;

  private static final int SECTOR_BYTES = 512;
  private static final int EIO = 5;

  /** The machine with one sector of one of its disks faulty, {@code offset} in bytes. */
  MachineOptions in(MachineOptions machine, Disk disk, long offset) {
    JsonObject error = error(name().toLowerCase(Locale.ROOT) + "_aio");
    error.addProperty("sector", offset / SECTOR_BYTES);
    return replaced(machine, disk, driver(disk, error));
  }

  /**
   * The machine with a disk that has its writes in a cache and cannot flush it any more.
   *
   * @param first the number of the flush that is the first to fail, counted from 1
   */
  static MachineOptions withoutFlushes(MachineOptions machine, Disk disk, int first) {
    // Each flush that the guest sends moves blkdebug on to the next state.
    JsonArray states = new JsonArray();
    for (int flush = 1; flush < first; flush++) {
      JsonObject next = new JsonObject();
      next.addProperty("event", "flush_to_os");
      next.addProperty("state", flush);
      next.addProperty("new_state", flush + 1);
      states.add(next);
    }
    JsonObject error = error("flush_to_os");
    error.addProperty("state", first);
    error.addProperty("iotype", "flush");
    JsonObject driver = driver(disk, error);
    driver.add("set-state", states);
    return replaced(machine, disk, driver);
  }

  private static JsonObject error(String event) {
    JsonObject error = new JsonObject();
    error.addProperty("event", event);
    error.addProperty("errno", EIO);
    return error;
  }

  private static JsonObject driver(Disk disk, JsonObject error) {
    JsonArray errors = new JsonArray();
    errors.add(error);
    JsonObject driver = BlockDriver.named("blkdebug");
    driver.add("image", BlockDriver.file(disk.file()));
    driver.add("inject-error", errors);
    return driver;
  }

  private static MachineOptions replaced(MachineOptions machine, Disk disk, JsonObject driver) {
    Disk faulty = BlockDriver.disk(driver, disk.serial());
    List<Disk> disks =
        machine.disks().stream().map(each -> each.equals(disk) ? faulty : each).toList();
    return machine.withDisks(disks);
  }
}
