package org.dormouse.stores;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.dormouse.linux.BlockDevice;
import org.dormouse.linux.DeviceNumber;
import org.dormouse.linux.FileExtents;
import org.dormouse.linux.HeldFile;
import org.dormouse.machine.DiskFacts;
import org.dormouse.machine.DiskLayout;
import org.dormouse.text.ReportException;

/** Looks where files and volumes lie on the running machine. */
final class StoreFile {
  private static final String UNTOUCHED = "Nothing was written.";

  private StoreFile() {}

  /**
   * Where a file lies now.
   *
   * @throws ReportException if it lies where a saver could not write it
   */
  static StoreLayout layoutOf(Path file) throws IOException {
    checkFileSystem(file);
    if (HeldFile.isEncrypted(file)) {
      throw new ReportException(
          file + " is encrypted by its file system",
          UNTOUCHED,
          "Name a file in a folder that is not encrypted.");
    }
    DiskLayout disks = new DiskLayout(DiskFacts.observe());
    BlockDevice device = deviceOf(file, disks);
    return checked(
        StoreLayout.of(
            new StoreLayout.Seen(
                file,
                Files.size(file),
                FileExtents.of(file),
                disks.extents(device),
                disks.targets(device))));
  }

  /**
   * Refuses a place where files do not keep theirs.
   *
   * @param file a file or folder
   */
  static void checkFileSystem(Path file) throws IOException {
    String type = Files.getFileStore(file).type();
    if (!type.equals("ext4") && !type.equals("xfs")) {
      throw new ReportException(
          file + " is on " + type + ", where a file does not keep its place on the disk for sure",
          UNTOUCHED,
          "Name a file on ext4 or xfs, or a partition.");
    }
  }

  /** The device that the file system of {@code file} is on. */
  static BlockDevice deviceOf(Path file, DiskLayout disks) throws IOException {
    DeviceNumber number = DeviceNumber.holding(file);
    Optional<BlockDevice> device = disks.device(number);
    if (device.isEmpty()) {
      throw new ReportException(
          file + " is on a file system that lies on no disk (" + number + ")",
          UNTOUCHED,
          "Name a file on a disk of this machine.");
    }
    checkDisk(device.get());
    return device.get();
  }

  /** Refuses a layout below which is no disk that another kernel has, too. */
  static StoreLayout checked(StoreLayout layout) throws ReportException {
    checkDisk(layout.disk());
    return layout;
  }

  private static void checkDisk(BlockDevice device) throws ReportException {
    if (device.name().matches(NO_DISK)) {
      throw new ReportException(
          device.node() + " is no disk that a saver kernel has",
          UNTOUCHED,
          "Name a file on a disk of this machine.");
    }
  }

  /** Devices in memory, in files, or across a network: {@code drivers/block}. */
  private static final String NO_DISK = "(loop|zram|ram|nullb|nbd|rbd|drbd)[0-9].*";
}
