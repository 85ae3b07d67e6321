package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
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

  /** Header of the empty store, twice; saver's files; claim; data and description; commit. */
  private static final int FLUSH_OF_THE_COMMIT = 6;

  private static final long LARGE = 640L << 20;

  /** Enough for the saver's files, not for the image. */
  private static final long SMALLER = 96L << 20;

  private static TestBed bed;

  @BeforeAll
  static void prepare() throws Exception {
    bed = TestBed.prepare();
  }

  @Test
  void theMachineGoesOnIsToldWhyAndSleepsOnAnotherDisk() throws Exception {
    Path folder = bed.folder("failing-disk");
    Disk small = emptyDisk(folder, "small", 64L << 20);
    Disk good = emptyDisk(folder, "good", LARGE);
    Disk leaving = emptyDisk(folder, "leaving", LARGE);
    Disk unreadable = emptyDisk(folder, "unreadable", LARGE);
    Disk careless = emptyDisk(folder, "careless", LARGE);
    MachineOptions machine = bed.machine().withMemoryBytes(512L << 20).withLateDisk(leaving);
    try (Scenario scenario = Scenario.prepare(bed.software(), machine, folder)) {
      MachineOptions more =
          scenario.options().withDisk(small).withDisk(good).withDisk(unreadable).withDisk(careless);
      MachineOptions faulty = FaultyDisk.WRITE.in(more, more.disks().get(1), BROKEN);
      faulty = FaultyDisk.READ.in(faulty, unreadable, 0);
      faulty = FaultyDisk.withoutFlushes(faulty, careless, FLUSH_OF_THE_COMMIT);
      scenario.bootAs(faulty);
      scenario.startWorkload(5);
      scenario.fillTo(Fill.parse("50%"));
      SameGuest guest = SameGuest.of(scenario);

      String smallDevice = more.deviceOf(small.serial());
      assertThat(fails(scenario, smallDevice)).contains(smallDevice + " is too small: it has");
      nothingIsLoaded(scenario);
      scenario.shell().check("cmp -n 67108864 /dev/zero " + smallDevice, LONG);

      assertThat(fails(scenario, more.deviceOf(unreadable.serial())))
          .contains("dormouse: cannot read the store: ");
      nothingIsLoaded(scenario);

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
      neverFlushesAgain(scenario, more.deviceOf(careless.serial()));
      nothingIsLoaded(scenario);
      becomesSmaller(scenario, more, good);
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

  /** The image is complete, and nobody knows whether that, or its end, is on the medium. */
  private static void neverFlushesAgain(Scenario scenario, String device) throws Exception {
    assertThat(fails(scenario, device))
        .contains("dormouse: cannot flush the store: ")
        .contains("The machine goes on as if nothing had happened.")
        .contains(device + " could not be told that there is no image (cannot flush the store: ")
        .contains("'dormouse image discard " + device + "'");
  }

  /** The disk is a smaller one when the saver comes to it. */
  private static void becomesSmaller(Scenario scenario, MachineOptions machine, Disk disk)
      throws Exception {
    String device = machine.deviceOf(disk.serial());
    int from = scenario.machine().console().lines().size();
    RunningCommand sleeping = scenario.shell().start("dormouse hibernate --to " + device);
    scenario.machine().awaitLine("dormouse: stage jump$", from, LONG);
    resize(scenario, machine, disk, SMALLER);
    CommandResult result = scenario.shell().await(sleeping, LONG);
    assertThat(result.status()).as(result.output()).isNotZero();
    assertThat(result.output())
        .contains("is too small: it has " + SMALLER + " bytes")
        .contains("The machine goes on as if nothing had happened.");
    StoreFile store = new StoreFile(disk.file());
    assertThat(store.state()).isEqualTo("EMPTY");
    resize(scenario, machine, disk, LARGE);
  }

  private static void resize(Scenario scenario, MachineOptions machine, Disk disk, long bytes)
      throws Exception {
    String command = "block_resize disk%d %dB".formatted(machine.disks().indexOf(disk), bytes);
    scenario.machine().monitor("human-monitor-command", Map.of("command-line", command));
  }
}
