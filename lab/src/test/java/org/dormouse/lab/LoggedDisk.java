package org.dormouse.lab;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dormouse.lab.qemu.Disk;

/**
 * A disk whose writes and flushes are written down: QEMU's {@code blklogwrites} driver. The log
 * grows over all power-ons.
 *
 * @param disk the disk without the log
 * @param log the file of the log, see {@link WriteLog}
 */
record LoggedDisk(Disk disk, Path log) {
  /** With an empty log beside the disk's file. */
  static LoggedDisk of(Disk disk) throws IOException {
    Path log = disk.file().resolveSibling(disk.serial() + "-writes.img");
    Files.write(log, new byte[0]);
    return new LoggedDisk(disk, log);
  }

  /** The disk as a machine gets it. */
  Disk logged() {
    JsonObject driver = BlockDriver.named("blklogwrites");
    driver.add("file", BlockDriver.file(disk.file()));
    driver.add("log", BlockDriver.file(log));
    driver.addProperty("log-append", true);
    return BlockDriver.disk(driver, disk.serial());
  }
}
