package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.dormouse.lab.demo.GuestState;
import org.dormouse.lab.demo.Scenario;
import org.dormouse.lab.qemu.CommandResult;
import org.dormouse.lab.qemu.Disk;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The image's disk fails while the saver kernel writes to it: the original kernel goes on, and says
 * so.
 */
class FailingDiskIT {
  private static final Duration LONG = Duration.ofMinutes(2);

  /**
   * The sector, of 512 bytes, that cannot be written: well behind the header that claims the store.
   */
  private static final long BROKEN_SECTOR = (8L << 20) / 512;

  private static TestBed bed;

  @BeforeAll
  static void prepare() throws Exception {
    bed = TestBed.prepare();
  }

  @Test
  void theSaverJumpsBackAndTheMachineGoesOn() throws Exception {
    Path folder = bed.folder("failing-disk");
    try (Scenario scenario =
        Scenario.prepare(bed.software(), bed.machine().withMemoryBytes(512L << 20), folder)) {
      scenario.powerOnAs(scenario.options().withDisks(brokenDisks(scenario, folder)));
      scenario.machine().awaitLine("guest: ready", LONG);
      scenario.startWorkload(5);
      GuestState before = scenario.state();

      CommandResult result = scenario.shell().run("dormouse hibernate", LONG);

      assertThat(result.status()).as(result.output()).isNotZero();
      assertThat(result.output())
          .contains("the saver kernel came back")
          .contains("The machine goes on")
          .contains("holds no image");
      scenario.machine().awaitLine("dormouse: cannot save: .*write", LONG);
      assertThat(scenario.shell().check("cat /sys/kernel/kexec_loaded", LONG)).contains("0");
      assertThat(scenario.state().text("boot_id")).isEqualTo(before.text("boot_id"));
      assertThat(scenario.state().text("java_pid")).isEqualTo(before.text("java_pid"));
      assertThat(scenario.verifyMemory().number("wrong_pages")).isZero();
      assertThat(scenario.shell().run("dormouse image verify " + scenario.store(), LONG).output())
          .contains("the store is empty");
    }
    bed.tidy(folder);
  }

  /** The same disks, but one sector of the second refuses writes: QEMU's blkdebug driver. */
  private static List<Disk> brokenDisks(Scenario scenario, Path folder) throws Exception {
    Path faults = folder.resolve("faults.conf");
    Files.writeString(
        faults,
        """
        [inject-error]
        event = "write_aio"
        errno = "5"
        sector = "%d"
        """
            .formatted(BROKEN_SECTOR));
    List<Disk> disks = scenario.options().disks();
    Disk image = disks.get(1);
    Path broken = Path.of("blkdebug:" + faults + ":" + image.file());
    return List.of(disks.get(0), new Disk(broken, image.serial()));
  }
}
