package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.dormouse.image.Image;
import org.dormouse.lab.demo.Fill;
import org.dormouse.lab.demo.Scenario;
import org.dormouse.lab.qemu.BootEntry;
import org.dormouse.lab.qemu.Machine;
import org.dormouse.lab.qemu.MachineOptions;
import org.dormouse.store.BlockStore;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A wake that fails costs nothing but time: the image is as good as before, a person can read why,
 * and the machine tries again; only a person gives the image up.
 */
class FailingWakesIT {
  private static final Duration BOOT = Duration.ofMinutes(2);
  private static final String QUESTION = "t = try again, b = boot without it and discard it";

  private static TestBed bed;

  @BeforeAll
  static void prepare() throws Exception {
    bed = TestBed.prepare();
  }

  @Test
  void failsTwiceAndThenWakesAndIsGivenUpByAKey() throws Exception {
    Path folder = bed.folder("failing-wakes");
    MachineOptions machine =
        bed.machine().withMemoryBytes(512L << 20).withAppend("dormouse.wait=3");
    try (Scenario scenario = Scenario.prepare(bed.software(), machine, folder)) {
      scenario.boot();
      scenario.startWorkload(19);
      scenario.fillTo(Fill.parse("50%"));
      SameGuest guest = SameGuest.of(scenario);
      scenario.hibernate();
      StoreFile store = new StoreFile(scenario.imageDisk());
      DiskCopies copies = DiskCopies.of(scenario.options().disks());

      // In the middle of the data: some frames have been written by then.
      failsToRead(scenario, (store.data() + store.index()) / 2, 1);
      failsToRead(scenario, store.index(), 2);
      copies.checkUnchanged(store.file(), StoreFile.STATE_BYTES);
      copies.checkUnchanged(scenario.rootDisk(), 0);
      theReasonCanBeRead(scenario);

      Machine asking = scenario.powerOn();
      int asked = asking.awaitLine(QUESTION, BOOT).number();
      asking.awaitLine("dormouse: stage awake", asked, BOOT);
      assertThat(asking.console().lines().subList(0, asked))
          .anyMatch(line -> line.text().contains("could not be woken: cannot read the store"))
          .noneMatch(line -> line.text().contains("stage wake-jump"));
      guest.check(scenario);
      assertThat(store.state()).isEqualTo("CONSUMED");

      scenario.hibernate();
      aSaverWithoutItsCrashReservationWakesNothing(scenario, store);
      aPersonGivesItUp(scenario, store);
      assertThat(scenario.fileSystemErrorsAfterPowerCut()).isEmpty();
    }
    bed.tidy(folder);
  }

  /** One sector of the store cannot be read: the saver says so and restarts the machine. */
  private static void failsToRead(Scenario scenario, long offset, int attempt) throws Exception {
    StoreFile store = new StoreFile(scenario.imageDisk());
    Machine failing =
        scenario.powerOnAs(
            FaultyDisk.READ.in(scenario.options(), scenario.options().disks().get(1), offset));
    failing.awaitLine("the wake failed, and the image is as good as before: cannot read", BOOT);
    failing.awaitExit(BOOT);
    assertThat(failing.isSwitchedOff()).isFalse();
    assertThat(store.state()).isEqualTo("COMPLETE");
    assertThat(store.attempts()).isEqualTo(attempt);
    assertThat(store.reason()).startsWith("cannot read the store: ");
  }

  /** As if the boot loader had put the kernel there: the saver cannot have the place. */
  private static void aSaverWithoutItsCrashReservationWakesNothing(
      Scenario scenario, StoreFile store) throws Exception {
    BootEntry entry = scenario.directEntry();
    String elsewhere =
        entry.commandLine().replaceFirst("crashkernel=1M@0x\\w+", "crashkernel=1M@0x40000000");
    assertThat(elsewhere).isNotEqualTo(entry.commandLine());
    Machine failing =
        scenario.powerOnWith(new BootEntry(entry.kernel(), entry.initramfs(), elsewhere));
    failing.awaitLine("as good as before: the boot loader has put the saver's kernel", BOOT);
    failing.awaitExit(BOOT);
    assertThat(failing.isSwitchedOff()).isFalse();
    assertThat(store.state()).isEqualTo("COMPLETE");
    assertThat(store.attempts()).isEqualTo(1);
  }

  private static void theReasonCanBeRead(Scenario scenario) throws Exception {
    scenario.bootAs(OtherSystem.of(scenario));
    assertThat(scenario.shell().check("dormouse image info " + scenario.store(), BOOT))
        .containsPattern("state +COMPLETE")
        .containsPattern("attempts +2")
        .containsPattern("reason +cannot read the store: ");
    scenario.shutDown();
  }

  /** The image is one that has failed twice. */
  private static void aPersonGivesItUp(Scenario scenario, StoreFile store) throws Exception {
    try (BlockStore opened = BlockStore.forWriting(store.file())) {
      UUID image = Image.header(opened).image();
      Image.countAttempt(opened, image);
      Image.countAttempt(opened, image);
    }
    DiskCopies copies = DiskCopies.of(scenario.options().disks());
    Machine asking =
        scenario.powerOnAs(
            scenario
                .options()
                .withAppend(scenario.options().append().replace("wait=3", "wait=60")));
    asking.awaitLine(QUESTION, BOOT);
    asking.type("b");
    asking.awaitLine("guest: ready", BOOT);
    assertThat(store.state()).isEqualTo("EMPTY");
    assertThat(store.reason()).isEqualTo("discarded at the console");
    asking.kill();
    copies.checkUnchanged(store.file(), StoreFile.STATE_BYTES);
  }
}
