package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.dormouse.lab.demo.Fill;
import org.dormouse.lab.demo.Scenario;
import org.dormouse.lab.guest.GuestRoot;
import org.dormouse.lab.guest.HostCommand;
import org.dormouse.lab.qemu.Disk;
import org.dormouse.lab.qemu.Machine;
import org.dormouse.lab.qemu.MachineOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** An image in a file of xfs, which the saver writes below; xfs in use, which is watched. */
@Tag("long")
class XfsIT {
  private static final Duration LONG = Duration.ofMinutes(2);
  private static final String DISK = "xfs";

  /** How large the file system is: in a partition, for nobody may write below a mounted disk. */
  private static final int MIB = 1000;

  private static final String FILE = "/mnt/xfs/store";
  private static final String DIGESTS =
      "find /mnt/xfs -type f ! -name store | sort | xargs sha256sum";

  @Test
  void anImageIsInAFileOfXfs() throws Exception {
    TestBed bed = TestBed.prepare();
    Path folder = bed.folder("xfs");
    Path disk = folder.resolve("xfs.img");
    Path fileSystem = folder.resolve("file-system.img");
    GuestRoot.writeEmptyDisk(fileSystem, (long) MIB << 20);
    HostCommand.check(List.of("/sbin/mkfs.xfs", "-q", "-f", fileSystem.toString()));
    GuestRoot.writeEmptyDisk(disk, (long) (MIB + 2) << 20);
    HostCommand.check(List.of("sh", "-c", "echo 1M," + MIB + "M | sfdisk -q -X gpt " + disk));
    copy(fileSystem, 0, disk, 1);
    MachineOptions machine =
        bed.machine().withMemoryBytes(512L << 20).withDisk(new Disk(disk, DISK));
    try (Scenario scenario = Scenario.prepare(bed.software(), machine, folder)) {
      String location = makeStore(scenario);
      String others = check(scenario, DIGESTS);
      scenario.startWorkload(31);
      scenario.fillTo(Fill.parse("40%"));
      SameGuest guest = SameGuest.of(scenario);
      scenario.sleepBy("dormouse hibernate --to " + FILE);
      DiskCopies copies = DiskCopies.of(scenario.options().disks());
      MachineOptions waking = ResumeWord.with(scenario, location);

      String device = partition(scenario);
      scenario.bootAs(OtherSystem.of(scenario));
      check(scenario, "mkdir -p /mnt/other && mount -t xfs " + device + " /mnt/other");
      check(scenario, "umount /mnt/other && sync");
      scenario.shutDown();
      Machine refusing = scenario.powerOnAs(waking);
      refusing.awaitLine(
          "the image is not woken: " + device + ", xfs, mounted on /mnt/xfs: another system", LONG);
      refusing.awaitExit(LONG);
      copies.putBack();

      scenario.wakeAs(waking, Scenario.AWAKE);
      guest.check(scenario);
      assertThat(check(scenario, "dormouse image info " + FILE)).contains("CONSUMED");
      assertThat(check(scenario, DIGESTS)).isEqualTo(others);
      // It can be written to, and what was there is not in the way.
      check(scenario, "dd if=/dev/urandom of=/mnt/xfs/more bs=1M count=20 && sync");
      check(scenario, "dormouse store remove " + FILE + " && ! ls " + FILE);
      check(scenario, "! dmesg | grep -iE 'xfs.*(error|corrupt|warning)'");
      check(scenario, "umount /mnt/xfs");
      scenario.shutDown();
      GuestRoot.writeEmptyDisk(fileSystem, (long) MIB << 20);
      copy(disk, 1, fileSystem, 0);
      HostCommand.check(List.of("/sbin/xfs_repair", "-n", "-f", fileSystem.toString()));
    }
    bed.tidy(folder);
  }

  /** Boots so that the next boot is known to look where the store is made; where that is. */
  private static String makeStore(Scenario scenario) throws Exception {
    scenario.boot();
    String device = partition(scenario);
    check(scenario, "mkdir -p /mnt/xfs && mount -t xfs " + device + " /mnt/xfs");
    check(
        scenario,
        "for i in 1 2 3 4 5 6 7 8; do fallocate -l 8M /mnt/xfs/gap-$i;"
            + " head -c 1M /dev/urandom >/mnt/xfs/file-$i; sync; done; rm /mnt/xfs/gap-*; sync");
    check(scenario, "dormouse store create --size 600M " + FILE);
    String location = check(scenario, "dormouse store location " + FILE).strip();
    assertThat(location).startsWith(device + "@");
    ResumeWord.asIfBootedWith(scenario, location);
    return location;
  }

  private static String partition(Scenario scenario) {
    return scenario.options().deviceOf(DISK) + "1";
  }

  /** Copies the file system, each file from or to that MiB. */
  private static void copy(Path from, int skip, Path to, int seek) throws Exception {
    HostCommand.check(
        List.of(
            "dd",
            "if=" + from,
            "of=" + to,
            "bs=1M",
            "skip=" + skip,
            "seek=" + seek,
            "count=" + MIB,
            "conv=notrunc,sparse"));
  }

  private static String check(Scenario scenario, String command) throws Exception {
    return scenario.shell().check(command, LONG);
  }
}
