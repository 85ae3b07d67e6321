package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.dormouse.lab.demo.Comparison;
import org.dormouse.lab.demo.Fill;
import org.dormouse.lab.demo.Finding;
import org.dormouse.lab.demo.GuestState;
import org.dormouse.lab.demo.Scenario;
import org.dormouse.lab.demo.Transition;
import org.dormouse.lab.demo.Wake;
import org.dormouse.lab.qemu.DiskBus;
import org.dormouse.lab.qemu.Firmware;
import org.dormouse.lab.qemu.SerialLine;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Machines that work, sleep, lose their power, and go on, several times in a row: cold and warm
 * sleeps, woken through an ordinary boot and by the boot loader. Each time the guest is looked
 * over: digests of all filled memory, PIDs, counters, a TCP connection, files; at the end the root
 * file system.
 */
class SleepAndWakeIT {
  private static final Duration COUNTING = Duration.ofMillis(500);

  private static TestBed bed;

  @BeforeAll
  static void prepare() throws Exception {
    bed = TestBed.prepare();
  }

  @Test
  @Tag("long")
  void sleepsColdAndWarmOfAMachineWithAPast() throws Exception {
    Path folder = bed.folder("cold-and-warm");
    try (Scenario scenario = Scenario.prepare(bed.software(), bed.machine(), folder)) {
      begin(scenario, "90%", "60%");
      sleepAndWake(scenario, "no", Wake.KEXEC);
      sleepAndWake(scenario, "yes", Wake.DIRECT);
      end(scenario);
    }
    bed.tidy(folder);
  }

  @Test
  void bothWaysToWakeUnderUefiWithFourLevelPagingAndNvme() throws Exception {
    Path folder = bed.folder("uefi");
    try (Scenario scenario =
        Scenario.prepare(
            bed.software(),
            bed.machine()
                .withFirmware(Firmware.UEFI)
                .withCpuModel("max,la57=off")
                .withDiskBus(DiskBus.NVME),
            folder)) {
      begin(scenario, "0%", "50%");
      assertThat(scenario.arm()).contains("a saver is warm");
      Transition compressed = sleepAndWake(scenario, "--codec zstd:2", "yes", Wake.DIRECT);
      assertThat(fact(compressed, "codec")).isEqualTo("zstd:2");
      sleepAndWake(scenario, "yes", Wake.KEXEC);
      end(scenario);
    }
    bed.tidy(folder);
  }

  private static void begin(Scenario scenario, String usedBefore, String fill) throws Exception {
    scenario.boot();
    scenario.useMemory(Fill.parse(usedBefore));
    scenario.startWorkload(42);
    scenario.fillTo(Fill.parse(fill));
  }

  private static void sleepAndWake(Scenario scenario, String warm, Wake how) throws Exception {
    sleepAndWake(scenario, "", warm, how);
  }

  private static Transition sleepAndWake(Scenario scenario, String options, String warm, Wake how)
      throws Exception {
    GuestState before = scenario.state();
    Duration seenBefore = scenario.machine().uptime();
    Transition asleep = scenario.sleepBy(scenario.hibernateCommand() + " " + options);
    assertThat(fact(asleep, "warm")).isEqualTo(warm);
    Transition awake = scenario.wake(how);
    GuestState after = scenario.state();
    Duration wasAwake =
        asleep.end().minus(seenBefore).plus(scenario.machine().uptime().minus(awake.end()));
    GuestState memory = scenario.verifyMemory();
    assertThat(memory.number("wrong_pages")).isZero();
    assertThat(memory.number("checked_pages")).isEqualTo(before.number("filled_bytes") / 4096);
    Thread.sleep(COUNTING.toMillis());
    List<Finding> findings =
        new ArrayList<>(Comparison.of(before, after, scenario.state(), wasAwake));
    assertThat(findings).as("logs are in the scenario's folder").noneMatch(SleepAndWakeIT::isWrong);
    return asleep;
  }

  private static boolean isWrong(Finding finding) {
    return finding instanceof Finding.Wrong;
  }

  private static String fact(Transition transition, String name) {
    String start = "dormouse: fact " + name + " ";
    return transition.lines().stream()
        .map(SerialLine::text)
        .filter(line -> line.contains(start))
        .map(line -> line.substring(line.indexOf(start) + start.length()).strip())
        .findFirst()
        .orElse("not said");
  }

  private static void end(Scenario scenario) throws Exception {
    scenario.shutDown();
    assertThat(scenario.fileSystemErrors()).isEmpty();
  }
}
