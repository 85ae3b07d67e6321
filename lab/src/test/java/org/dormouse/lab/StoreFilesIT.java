package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import org.dormouse.lab.demo.Fill;
import org.dormouse.lab.demo.Scenario;
import org.dormouse.lab.guest.GuestRoot;
import org.dormouse.lab.guest.HostCommand;
import org.dormouse.lab.qemu.CommandResult;
import org.dormouse.lab.qemu.MachineOptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Images in files of the machine's own file system: the saver writes to the disk below them, and
 * neither mounts nor assembles nor unlocks anything.
 */
class StoreFilesIT {
  private static final Duration LONG = Duration.ofMinutes(2);
  private static final String FILE = "/var/lib/store";

  /** Where the only partition begins, in bytes. */
  private static final long PARTITION = 1L << 20;

  private static final long ROOT_BYTES = 1536L << 20;

  private static TestBed bed;

  @BeforeAll
  static void prepare() throws Exception {
    bed = TestBed.prepare();
  }

  @Test
  void aTornFileOnTheRootOfADiskWithPartitions() throws Exception {
    Path folder = bed.folder("store-file");
    MachineOptions machine = bed.machine().withMemoryBytes(512L << 20);
    try (Scenario scenario = Scenario.prepare(bed.software(), machine, folder)) {
      putIntoPartition(scenario.rootDisk());
      MachineOptions usual = onPartition(scenario, "");
      scenario.bootAs(usual);
      tearFreeSpace(scenario);
      check(scenario, "dormouse store create --dry-run --size 640M " + FILE + " && ! ls " + FILE);
      check(scenario, "dormouse store create --size 640M " + FILE);
      assertThat(pieces(scenario)).isGreaterThan(3);
      String location = check(scenario, "dormouse store location " + FILE).strip();
      assertThat(location).matches("/dev/vda1@\\d+");
      isHeld(scenario);
      String others = check(scenario, DIGESTS);
      // What has no offset is refused, and what is a plain file.
      assertThat(refused(scenario, "dormouse hibernate --to /var/lib/torn-1"))
          .contains("is a file that is no store");

      scenario.startWorkload(23);
      scenario.fillTo(Fill.parse("50%"));
      SameGuest guest = SameGuest.of(scenario);
      scenario.sleepBy("dormouse hibernate --to " + FILE);
      MachineOptions waking = onPartition(scenario, " dormouse.resume=" + location);
      scenario.wakeAs(waking, Scenario.AWAKE);
      guest.check(scenario);
      assertThat(check(scenario, "dormouse image info " + FILE)).contains("CONSUMED");
      assertThat(check(scenario, DIGESTS)).isEqualTo(others);

      // Warm, and by its place, of which the map says what it is.
      guest = SameGuest.of(scenario);
      scenario.sleepBy("dormouse hibernate --to " + location);
      scenario.wakeAs(waking, Scenario.AWAKE);
      guest.check(scenario);
      assertThat(check(scenario, DIGESTS)).isEqualTo(others);
      check(scenario, "dormouse store remove " + FILE + " && ! ls " + FILE);
      scenario.shutDown();
      assertThat(errors(scenario.rootDisk())).isEmpty();
    }
    bed.tidy(folder);
  }

  private static final String DIGESTS =
      "find /bin /sbin /lib /usr /boot /var/lib -xdev -type f ! -name store | sort"
          + " | xargs sha256sum | sha256sum";

  /** Lays a GPT with one partition around a file system, and makes that larger. */
  private static void putIntoPartition(Path root) throws Exception {
    Path disk = root.resolveSibling("partitioned.img");
    HostCommand.check(List.of("truncate", "-s", Long.toString(ROOT_BYTES), root.toString()));
    HostCommand.check(List.of("/sbin/resize2fs", root.toString()));
    GuestRoot.writeEmptyDisk(disk, ROOT_BYTES + 2 * PARTITION);
    HostCommand.check(List.of("sh", "-c", "echo 2048,," + " | sfdisk -X gpt " + disk));
    HostCommand.check(
        List.of("dd", "if=" + root, "of=" + disk, "bs=1M", "seek=1", "conv=notrunc,sparse"));
    Files.move(disk, root, StandardCopyOption.REPLACE_EXISTING);
  }

  private static MachineOptions onPartition(Scenario scenario, String words) {
    String root = scenario.rootDevice();
    return scenario
        .options()
        .withAppend(
            scenario.options().append().replace("root=" + root + " ", "root=" + root + "1 ")
                + words);
  }

  /** Files with gaps between them, so that what is made next lies in many places. */
  private static void tearFreeSpace(Scenario scenario) throws Exception {
    check(
        scenario,
        "for i in $(seq 1 40); do fallocate -l 12M /var/lib/torn-$i || break; done; sync;"
            + " for i in $(seq 2 2 40); do rm -f /var/lib/torn-$i; done; sync");
  }

  private static int pieces(Scenario scenario) throws Exception {
    String told = check(scenario, "dormouse store info --json " + FILE);
    return Integer.parseInt(told.replaceAll("(?s).*\"pieces\": ?(\\d+).*", "$1"));
  }

  private static void isHeld(Scenario scenario) throws Exception {
    for (String attempt :
        List.of("rm -f " + FILE, "mv " + FILE + " /var/lib/other", "echo x >>" + FILE)) {
      assertThat(scenario.shell().run(attempt, LONG).succeeded()).as(attempt).isFalse();
    }
  }

  private static String refused(Scenario scenario, String command) throws Exception {
    CommandResult result = scenario.shell().run(command, LONG);
    assertThat(result.succeeded()).isFalse();
    return result.output();
  }

  private static String errors(Path disk) throws Exception {
    HostCommand checked =
        HostCommand.run(List.of("/sbin/e2fsck", "-fn", disk + "?offset=" + PARTITION));
    return checked.status() == 0 ? "" : checked.output();
  }

  private static String check(Scenario scenario, String command) throws Exception {
    return scenario.shell().check(command, LONG);
  }
}
