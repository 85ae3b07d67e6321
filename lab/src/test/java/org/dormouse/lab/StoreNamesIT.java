package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.dormouse.lab.demo.Scenario;
import org.dormouse.lab.qemu.CommandResult;
import org.dormouse.lab.qemu.RunningCommand;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A store that is named as udev names it. The saver has no udev, neither before the jump nor at the
 * wake: there the name means nothing, and the store is found by what is in it.
 */
class StoreNamesIT {
  private static final String NAME = "/dev/disk/by-id/virtio-dormouse-image";
  private static final Duration LONG = Duration.ofMinutes(2);

  private static TestBed bed;

  @BeforeAll
  static void prepare() throws Exception {
    bed = TestBed.prepare();
  }

  @Test
  void aNameOfUdevIsFoundWithoutUdev() throws Exception {
    Path folder = bed.folder("store-names");
    try (Scenario scenario =
        Scenario.prepare(
            bed.software(),
            bed.machine().withMemoryBytes(512L << 20).withAppend("dormouse.resume=" + NAME),
            folder)) {
      scenario.boot();
      scenario.machine().awaitLine("there is no store " + NAME, LONG);
      String link = "mkdir -p /dev/disk/by-id && ln -s " + scenario.store() + " " + NAME;
      scenario.shell().check(link, LONG);
      String boot = scenario.shell().check("cat /proc/sys/kernel/random/boot_id", LONG);

      RunningCommand sleeping = scenario.shell().start("dormouse hibernate");
      scenario.machine().awaitPowerOff(LONG);
      scenario.powerOn().awaitLine("dormouse: stage awake", LONG);

      CommandResult slept = scenario.shell().await(sleeping, LONG);
      assertThat(slept.status()).as(slept.output()).isZero();
      assertThat(scenario.shell().check("cat /proc/sys/kernel/random/boot_id", LONG))
          .isEqualTo(boot);
    }
    bed.tidy(folder);
  }
}
