package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.dormouse.lab.demo.Fill;
import org.dormouse.lab.demo.Scenario;
import org.dormouse.lab.demo.Wake;
import org.dormouse.lab.qemu.CommandResult;
import org.dormouse.lab.qemu.Machine;
import org.dormouse.lab.qemu.MachineOptions;
import org.dormouse.lab.qemu.Reset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Every image that cannot be woken: the machine says which it is and boots normally, and the store
 * is as it was, but for the state of an image that is taken away or refused. Then the undamaged
 * image wakes, once.
 */
class ImagesThatAreNotWokenIT {
  private static final Duration BOOT = Duration.ofMinutes(2);
  private static final String READY = "guest: ready";
  private static final String LACKS = "processor features: this processor lacks .*, avx, ";

  private static TestBed bed;

  @BeforeAll
  static void prepare() throws Exception {
    bed = TestBed.prepare();
  }

  @Test
  void eachIsNamedAndTheMachineBoots() throws Exception {
    Path folder = bed.folder("images");
    MachineOptions machine = bed.machine().withMemoryBytes(512L << 20);
    try (Scenario scenario = Scenario.prepare(bed.software(), machine, folder)) {
      scenario.boot();
      interruptedSaveIsNoImage(scenario);
      scenario.startWorkload(3);
      scenario.fillTo(Fill.parse("50%"));
      SameGuest guest = SameGuest.of(scenario);
      scenario.hibernate();

      Sleeping sleeping = Sleeping.of(scenario);
      StoreFile store = sleeping.store;
      damagedStateIsLeftAlone(sleeping);
      sleeping.isTakenAway(store.offsetOf("kernel_release"), "the image's header is damaged");
      sleeping.isTakenAway(store.index() + 100, "the image's index is damaged");
      sleeping.isTakenAway(StoreFile.DETAILS + 100, "the image's details are damaged");
      sleeping.isTakenAway(store.data() + 100, "a chunk of the image is damaged");
      shortStore(sleeping);
      anotherMemoryMap(sleeping);
      anotherProcessor(sleeping);

      scenario.wake(Wake.KEXEC);
      guest.check(scenario);
      assertThat(store.state()).isEqualTo("CONSUMED");
      scenario.machine().kill();
      boots(scenario, "the image was used already");
      assertThat(scenario.machine().console().lines())
          .noneMatch(line -> line.text().contains("stage restore"));
    }
    bed.tidy(folder);
  }

  private static void interruptedSaveIsNoImage(Scenario scenario) throws Exception {
    scenario.shell().start("dormouse hibernate");
    scenario.killAt("dormouse: stage save$");
    assertThat(new StoreFile(scenario.imageDisk()).state()).isEqualTo("WRITING");
    boots(scenario, "was not written to its end");
    assertThat(scenario.fileSystemErrorsAfterPowerCut()).isEmpty();
  }

  /** A store that returns what was not written is not written to. */
  private static void damagedStateIsLeftAlone(Sleeping sleeping) throws Exception {
    sleeping.store.flip(40);
    boots(sleeping.scenario, "the first sector does not match its checksum; it is left alone");
    sleeping.scenario.machine().kill();
    sleeping.store.flip(40);
    sleeping.copies.checkUnchanged(sleeping.store.file(), 0);
    sleeping.copies.putBack();
  }

  /** The end of the store is missing, and with it the index: as if the disk were a smaller one. */
  private static void shortStore(Sleeping sleeping) throws Exception {
    sleeping.store.truncate(sleeping.store.index() / 4096 * 4096);
    sleeping.isRefused(sleeping.scenario.options(), "EMPTY", "the image is cut short");
    sleeping.copies.putBack();
  }

  private static void anotherMemoryMap(Sleeping sleeping) throws Exception {
    MachineOptions larger = sleeping.scenario.options().withMemoryBytes(640L << 20);
    sleeping.isRefused(larger, "REFUSED", "memory map: first difference: was '");
    sleeping.copies.checkUnchanged(sleeping.store.file(), StoreFile.STATE_BYTES);
    sleeping.copies.putBack();
  }

  /**
   * The machine refuses, starts once more by itself and boots. The image stays, whatever another
   * system on the machine does, until a person says that it be tried again.
   */
  private static void anotherProcessor(Sleeping sleeping) throws Exception {
    Scenario scenario = sleeping.scenario;
    Machine other =
        scenario.powerOnAs(scenario.options().withCpuModel("qemu64").withReset(Reset.REBOOTS));
    int refused = other.awaitLine("the image is not woken: " + LACKS, BOOT).number();
    other.awaitLine("the image was refused, and is left alone: " + LACKS, refused, BOOT);
    other.awaitLine(READY, refused, BOOT);
    other.kill();
    assertThat(other.console().lines())
        .noneMatch(line -> line.text().matches(".*dormouse: stage restore$"));
    // What boots there has its root disk in use.
    sleeping.copies.putBack(scenario.rootDisk());

    scenario.bootAs(OtherSystem.of(scenario));
    isNotOverwritten(scenario);
    scenario.shell().check("dormouse image retry " + scenario.store(), BOOT);
    isNotOverwritten(scenario);
    scenario.shutDown();
    assertThat(sleeping.store.state()).isEqualTo("COMPLETE");
    sleeping.copies.checkUnchanged(sleeping.store.file(), StoreFile.STATE_BYTES);
    sleeping.copies.checkUnchanged(scenario.rootDisk(), 0);
  }

  private static void isNotOverwritten(Scenario scenario) throws Exception {
    CommandResult result = scenario.shell().run("dormouse hibernate", BOOT);
    assertThat(result.status()).isNotZero();
    assertThat(result.output())
        .contains("holds an image that waits to be woken")
        .contains("dormouse image discard " + scenario.store());
  }

  private static void boots(Scenario scenario, String message) throws Exception {
    scenario.powerOn();
    scenario.machine().awaitLine(message, BOOT);
    scenario.machine().awaitLine(READY, BOOT);
  }

  /** A machine that sleeps, and its disks as they were then. */
  private record Sleeping(Scenario scenario, StoreFile store, DiskCopies copies) {
    static Sleeping of(Scenario scenario) throws Exception {
      StoreFile store = new StoreFile(scenario.imageDisk());
      assertThat(store.state()).isEqualTo("COMPLETE");
      return new Sleeping(scenario, store, DiskCopies.of(scenario.options().disks()));
    }

    /** One bit is wrong: nothing wakes, and of the store only the state changes. */
    void isTakenAway(long offset, String message) throws Exception {
      store.flip(offset);
      isRefused(scenario.options(), "EMPTY", message);
      store.flip(offset);
      copies.checkUnchanged(store.file(), StoreFile.STATE_BYTES);
      copies.checkUnchanged(scenario.rootDisk(), 0);
      copies.putBack(store.file());
    }

    /** The saver says why and restarts the machine, which ends it here. */
    void isRefused(MachineOptions machine, String state, String message) throws Exception {
      Machine refusing = scenario.powerOnAs(machine);
      refusing.awaitLine("dormouse: the image is not woken: .*" + message, BOOT);
      refusing.awaitExit(BOOT);
      assertThat(refusing.isSwitchedOff()).isFalse();
      assertThat(store.state()).isEqualTo(state);
      assertThat(store.reason()).contains(message);
    }
  }
}
