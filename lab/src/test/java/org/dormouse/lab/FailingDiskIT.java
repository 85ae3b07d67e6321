package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.dormouse.lab.demo.Fill;
import org.dormouse.lab.demo.GuestState;
import org.dormouse.lab.demo.Scenario;
import org.dormouse.lab.guest.GuestRoot;
import org.dormouse.lab.qemu.CommandResult;
import org.dormouse.lab.qemu.Disk;
import org.dormouse.lab.qemu.MachineOptions;
import org.dormouse.lab.qemu.RunningCommand;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The image's disk is too small, fails, or goes away while the saver writes to it: the original
 * kernel goes on, says why, and can sleep on another disk.
 */
class FailingDiskIT {
  private static final Duration LONG = Duration.ofMinutes(2);

  /** Behind the saver's files, which the original kernel writes, and within any image. */
  private static final long BROKEN = 64L << 20;

  private static TestBed bed;

  @BeforeAll
  static void prepare() throws Exception {
    bed = TestBed.prepare();
  }

  @Test
  void theMachineGoesOnIsToldWhyAndSleepsOnAnotherDisk() throws Exception {
    Path folder = bed.folder("failing-disk");
    Disk small = emptyDisk(folder, "small", 64L << 20);
    Disk good = emptyDisk(folder, "good", 640L << 20);
    Disk leaving = emptyDisk(folder, "leaving", 640L << 20);
    MachineOptions machine = bed.machine().withMemoryBytes(512L << 20).withLateDisk(leaving);
    try (Scenario scenario = Scenario.prepare(bed.software(), machine, folder)) {
      MachineOptions more = scenario.options().withDisk(small).withDisk(good);
      MachineOptions faulty = FaultyDisk.WRITE.in(more, more.disks().get(1), BROKEN);
      scenario.bootAs(faulty);
      scenario.startWorkload(5);
      scenario.fillTo(Fill.parse("50%"));
      SameGuest guest = SameGuest.of(scenario);

      String smallDevice = more.deviceOf(small.serial());
      assertThat(fails(scenario, smallDevice)).contains(smallDevice + " is too small: it has");
      nothingIsLoaded(scenario);
      scenario.shell().check("cmp -n 67108864 /dev/zero " + smallDevice, LONG);

      assertThat(fails(scenario, scenario.store()))
          .contains("dormouse: cannot write the store: ")
          .contains("The machine goes on as if nothing had happened.");
      nothingIsLoaded(scenario);
      isEmpty(scenario);
      guest.check(scenario);

      scenario.arm();
      assertThat(fails(scenario, scenario.store()))
          .contains("the warm saver could not do it: cannot write the store: ")
          .contains("dormouse: cannot write the store: ");
      isEmpty(scenario);
      // Somebody wanted a saver to be there.
      assertThat(scenario.shell().check("dormouse arm", LONG)).contains("warm already");
      scenario.disarm();
      nothingIsLoaded(scenario);

      goesAway(scenario, leaving);
      nothingIsLoaded(scenario);
      guest.check(scenario);

      GuestState before = scenario.state();
      scenario.sleepBy("dormouse hibernate --to " + more.deviceOf(good.serial()));
      scenario.wakeAs(more, "dormouse: stage awake");
      assertThat(scenario.state().text("boot_id")).isEqualTo(before.text("boot_id"));
      guest.check(scenario);
      assertThat(new StoreFile(good.file()).state()).isEqualTo("CONSUMED");
      scenario.shutDown();
      assertThat(scenario.fileSystemErrors()).isEmpty();
    }
    bed.tidy(folder);
  }

  private static Disk emptyDisk(Path folder, String name, long bytes) throws Exception {
    Path file = folder.resolve(name + ".img");
    GuestRoot.writeEmptyDisk(file, bytes);
    return new Disk(file, name);
  }

  private static String fails(Scenario scenario, String store) throws Exception {
    CommandResult result = scenario.shell().run("dormouse hibernate --to " + store, LONG);
    assertThat(result.status()).as(result.output()).isNotZero();
    return result.output();
  }

  private static void isEmpty(Scenario scenario) throws Exception {
    StoreFile store = new StoreFile(scenario.imageDisk());
    assertThat(store.state()).isEqualTo("EMPTY");
    assertThat(store.reason()).startsWith("the sleep was called off");
  }

  private static void nothingIsLoaded(Scenario scenario) throws Exception {
    assertThat(scenario.shell().check("cat /sys/kernel/kexec_loaded", LONG)).isEqualTo("0");
  }

  /** The disk is pulled out as soon as the saver begins to write. */
  private static void goesAway(Scenario scenario, Disk disk) throws Exception {
    String device = scenario.options().deviceOf(disk.serial());
    scenario.machine().plugIn(disk);
    scenario.shell().check("until [ -b " + device + " ]; do sleep 0.1; done", LONG);
    int from = scenario.machine().console().lines().size();
    RunningCommand sleeping = scenario.shell().start("dormouse hibernate --to " + device);
    scenario.machine().awaitLine("dormouse: stage save$", from, LONG);
    scenario.machine().pullOut(disk);
    CommandResult result = scenario.shell().await(sleeping, LONG);
    assertThat(result.status()).as(result.output()).isNotZero();
    assertThat(result.output()).containsPattern("dormouse: cannot (read|write) the store: ");
    assertThat(new StoreFile(disk.file()).state()).isEqualTo("WRITING");
  }
}
