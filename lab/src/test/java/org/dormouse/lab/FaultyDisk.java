package org.dormouse.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.dormouse.lab.qemu.Disk;
import org.dormouse.lab.qemu.MachineOptions;

/** A disk one of whose sectors fails: QEMU's blkdebug driver. */
enum FaultyDisk {
  READ,
  WRITE;

  private static final int SECTOR_BYTES = 512;

  /** The machine with that sector of one of its disks faulty, {@code offset} in bytes. */
  MachineOptions in(MachineOptions machine, Disk disk, long offset) throws IOException {
    Path faults = disk.file().resolveSibling(disk.serial() + "-faults.conf");
    Files.writeString(
        faults,
        """
        [inject-error]
        event = "%s_aio"
        errno = "5"
        sector = "%d"
        """
            .formatted(name().toLowerCase(Locale.ROOT), offset / SECTOR_BYTES));
    Disk faulty = new Disk(Path.of("blkdebug:" + faults + ":" + disk.file()), disk.serial());
    List<Disk> disks =
        machine.disks().stream().map(each -> each.equals(disk) ? faulty : each).toList();
    return machine.withDisks(disks);
  }
}
