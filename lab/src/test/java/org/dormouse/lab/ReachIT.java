package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.dormouse.lab.demo.Fill;
import org.dormouse.lab.demo.Scenario;
import org.dormouse.lab.demo.Wake;
import org.dormouse.lab.qemu.DiskBus;
import org.dormouse.lab.qemu.Firmware;
import org.dormouse.lab.qemu.Machine;
import org.dormouse.lab.qemu.MachineOptions;
import org.dormouse.lab.qemu.SerialLine;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Hardware that the other machines do not have. */
@Tag("long")
class ReachIT {
  private static final Duration LONG = Duration.ofMinutes(4);

  /** Slow enough that there is time for pictures. */
  private static final String SLOWLY = "dormouse hibernate --codec zstd:3";

  private static final String FIRMWARE_VARIABLES =
      "cd /sys/firmware/efi/efivars && ls | wc -l && cat BootOrder-* Boot0000-* | sha256sum";

  private static TestBed bed;

  @BeforeAll
  static void prepare() throws Exception {
    bed = TestBed.prepare();
  }

  @Test
  void twoNodesSixteenCpusDisksOnUsbAndTheScreenOfTheFirmware() throws Exception {
    Path folder = bed.folder("reach-usb");
    MachineOptions machine =
        bed.machine()
            .withCpus(16)
            .withMemoryNodes(2)
            .withFirmware(Firmware.UEFI)
            .withDiskBus(DiskBus.USB)
            .withDevice("VGA")
            .withNetworkCard("e1000e")
            .withAppend("console=tty0 console=ttyS0");
    try (Scenario scenario = Scenario.prepare(bed.software(), machine, folder)) {
      scenario.boot();
      assertThat(check(scenario, "cat /sys/devices/system/node/online")).isEqualTo("0-1");
      assertThat(check(scenario, "cat /sys/class/vtconsole/*/name")).contains("frame buffer");
      check(scenario, "mount -t efivarfs efivarfs /sys/firmware/efi/efivars");
      String variables = check(scenario, FIRMWARE_VARIABLES);
      scenario.startWorkload(15);
      scenario.fillTo(Fill.parse("60%"));
      SameGuest guest = SameGuest.of(scenario);

      photographed(scenario, folder);
      scenario.wake(Wake.KEXEC);
      guest.check(scenario);
      assertThat(check(scenario, FIRMWARE_VARIABLES)).isEqualTo(variables);
      scenario.shutDown();
      assertThat(scenario.fileSystemErrors()).isEmpty();
    }
    bed.tidy(folder);
  }

  @Test
  void rootAndStoreOnSdCards() throws Exception {
    Path folder = bed.folder("reach-sd");
    MachineOptions machine = bed.machine().withMemoryBytes(512L << 20).withDiskBus(DiskBus.SD);
    try (Scenario scenario = Scenario.prepare(bed.software(), machine, folder)) {
      scenario.boot();
      scenario.startWorkload(16);
      scenario.fillTo(Fill.parse("50%"));
      SameGuest guest = SameGuest.of(scenario);
      scenario.hibernate();
      scenario.wake(Wake.KEXEC);
      guest.check(scenario);
      scenario.hibernate();
      scenario.wake(Wake.DIRECT);
      guest.check(scenario);
      scenario.shutDown();
      assertThat(scenario.fileSystemErrors()).isEmpty();
    }
    bed.tidy(folder);
  }

  /** Sends it to sleep, and sees on the screen that it gets on. */
  private static void photographed(Scenario scenario, Path folder) throws Exception {
    Machine machine = scenario.machine();
    int from = machine.console().lines().size();
    scenario.startToSleepBy(SLOWLY);
    SerialLine saving = machine.awaitLine("saving \\[[#.]{30}\\] +\\d+ % ", from, LONG);
    byte[] early = picture(machine, folder.resolve("early.ppm"));
    machine.awaitLine("saving \\[[#.]{30}\\] +\\d+ % ", saving.number() + 1, LONG);
    byte[] later = picture(machine, folder.resolve("later.ppm"));
    machine.awaitPowerOff(LONG);
    // White letters, and not the same ones.
    assertThat(lit(early)).isGreaterThan(1000);
    assertThat(Arrays.equals(early, later)).isFalse();
  }

  private static byte[] picture(Machine machine, Path file) throws IOException {
    machine.photograph(file);
    byte[] picture = Files.readAllBytes(file);
    assertThat(new String(picture, 0, 2, StandardCharsets.US_ASCII)).isEqualTo("P6");
    return picture;
  }

  private static int lit(byte[] picture) {
    int count = 0;
    for (byte value : picture) {
      count += (value & 0xff) > 0x80 ? 1 : 0;
    }
    return count / 3;
  }

  private static String check(Scenario scenario, String command) throws Exception {
    return scenario.shell().check(command, LONG);
  }
}
