package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.dormouse.lab.demo.Fill;
import org.dormouse.lab.demo.Scenario;
import org.dormouse.lab.guest.GuestRoot;
import org.dormouse.lab.qemu.Disk;
import org.dormouse.lab.qemu.Firmware;
import org.dormouse.lab.qemu.Machine;
import org.dormouse.lab.qemu.MachineOptions;
import org.dormouse.lab.qemu.Reset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the other tests rely on: machines of every make boot, and do what the tests ask of them. */
class MachinesIT {
  private static final Duration LONG = Duration.ofMinutes(2);

  private static TestBed bed;

  @BeforeAll
  static void prepare() throws Exception {
    bed = TestBed.prepare();
  }

  @Test
  void bootsWithUefiAndAWatchdogAndGetsADiskLate() throws Exception {
    Path folder = bed.folder("machines-uefi");
    Path file = folder.resolve("late.img");
    GuestRoot.writeEmptyDisk(file, 8L << 20);
    Disk late = new Disk(file, "late");
    MachineOptions machine =
        bed.machine()
            .withMemoryBytes(512L << 20)
            .withFirmware(Firmware.UEFI)
            .withDevice("i6300esb")
            .withLateDisk(late);
    try (Scenario scenario = Scenario.prepare(bed.software(), machine, folder)) {
      scenario.boot();
      assertThat(scenario.shell().check("ls /sys/firmware/efi/runtime-map", LONG)).contains("0");
      assertThat(scenario.shell().check("cat /sys/class/watchdog/watchdog0/state", LONG))
          .isEqualTo("inactive");
      String device = scenario.options().deviceOf("late");
      assertThat(scenario.shell().run("test -b " + device, LONG).succeeded()).isFalse();
      scenario.machine().plugIn(late);
      scenario.shell().check("until [ -b " + device + " ]; do sleep 0.1; done", LONG);
      scenario.useMemory(Fill.parse("80%"));
      scenario.shutDown();
      assertThat(scenario.machine().isSwitchedOff()).isTrue();
      assertThat(scenario.fileSystemErrors()).isEmpty();
    }
    bed.tidy(folder);
  }

  @Test
  void aResetEndsAMachineOrBootsItOnceMore() throws Exception {
    Path folder = bed.folder("machines-reset");
    MachineOptions machine = bed.machine().withMemoryBytes(512L << 20);
    try (Scenario scenario = Scenario.prepare(bed.software(), machine, folder)) {
      scenario.boot();
      scenario.machine().monitor("system_reset", Map.of());
      scenario.machine().awaitExit(LONG);
      assertThat(scenario.machine().isSwitchedOff()).isFalse();
      assertThat(scenario.fileSystemErrorsAfterPowerCut()).isEmpty();

      Machine again = scenario.powerOnAs(scenario.options().withReset(Reset.REBOOTS));
      int ready = again.awaitLine("guest: ready", LONG).number();
      again.monitor("system_reset", Map.of());
      again.awaitLine("guest: ready", ready + 1, LONG);
      scenario.killAt("guest: ready");
    }
    bed.tidy(folder);
  }

  @Test
  void disksGetOtherNamesWhenTheyAreMoved() throws Exception {
    Path folder = bed.folder("machines-moved");
    MachineOptions machine = bed.machine().withMemoryBytes(512L << 20);
    try (Scenario scenario = Scenario.prepare(bed.software(), machine, folder)) {
      scenario.bootAs(scenario.moved(scenario.options().disks().reversed()));
      assertThat(scenario.shell().check("mount", LONG)).contains("/dev/vdb on / ");
    }
    bed.tidy(folder);
  }
}
