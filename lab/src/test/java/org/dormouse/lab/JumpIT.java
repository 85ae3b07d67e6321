package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.dormouse.lab.demo.Fill;
import org.dormouse.lab.demo.GuestState;
import org.dormouse.lab.demo.Scenario;
import org.dormouse.lab.qemu.CommandResult;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Jumps into the saver kernel and back without saving, and what keeps a machine from jumping. */
class JumpIT {
  private static final Duration LONG = Duration.ofMinutes(2);

  private static TestBed bed;

  @BeforeAll
  static void prepare() throws Exception {
    bed = TestBed.prepare();
  }

  @Test
  void jumpsThriceThenMakesRoomThenRefuses() throws Exception {
    Path folder = bed.folder("jump");
    try (Scenario scenario = Scenario.prepare(bed.software(), bed.machine(), folder)) {
      scenario.boot();
      scenario.startWorkload(7);
      scenario.fillTo(Fill.parse("40%"));
      GuestState before = scenario.state();
      for (int jump = 1; jump <= 3; jump++) {
        CommandResult result = scenario.shell().run("dormouse rehearse", LONG);
        assertThat(result.output()).contains("is back");
        assertThat(result.status()).isZero();
      }
      assertThat(consoleLines(scenario, "dormouse: the saver kernel is up")).isEqualTo(3);
      isWhatItWas(scenario, before);

      pageCacheIsDroppedForTheRegion(scenario);
      whatCouldNotBeResumedIsRefused(scenario);
      tooLittleMemoryIsRefused(scenario);
      foreignDataIsNotOverwritten(scenario);
      isWhatItWas(scenario, before);
    }
    bed.tidy(folder);
  }

  private static void pageCacheIsDroppedForTheRegion(Scenario scenario) throws Exception {
    scenario.fillTo(Fill.parse("70%"));
    scenario.shell().check("dd if=/dev/zero of=/big bs=1M count=100 2>/dev/null; sync", LONG);
    scenario.shell().check("cat /big /dev/vda >/dev/null", LONG);
    CommandResult result = scenario.shell().run("dormouse rehearse", LONG);
    assertThat(result.output()).contains("dropping the page cache").contains("is back");
    assertThat(result.status()).isZero();
    scenario.shell().check("rm /big", LONG);
  }

  private static void whatCouldNotBeResumedIsRefused(Scenario scenario) throws Exception {
    scenario.fillTo(Fill.parse("79%"));
    CommandResult result = scenario.shell().run("dormouse hibernate", LONG);
    assertThat(result.output())
        .contains("too much memory is in use")
        .contains("the resume kernel has room for");
    assertThat(result.status()).isNotZero();
    assertThat(scenario.shell().check("cat /sys/kernel/kexec_loaded", LONG)).contains("0");
  }

  private static void tooLittleMemoryIsRefused(Scenario scenario) throws Exception {
    scenario.fillTo(Fill.parse("90%"));
    CommandResult result =
        scenario.shell().run("dormouse hibernate --to " + scenario.store(), LONG);
    assertThat(result.output())
        .contains("too little free memory for the saver region: it takes")
        .contains("bytes) are free")
        .contains("Nothing is loaded");
    assertThat(result.status()).isNotZero();
    assertThat(scenario.shell().check("cat /sys/kernel/kexec_loaded", LONG)).contains("0");
  }

  private static void foreignDataIsNotOverwritten(Scenario scenario) throws Exception {
    CommandResult root = scenario.shell().run("dormouse hibernate --to /dev/vda", LONG);
    assertThat(root.output()).contains("cannot open the store");
    assertThat(root.status()).isNotZero();
    scenario
        .shell()
        .check("echo precious | dd of=" + scenario.store() + " conv=notrunc,fsync", LONG);
    CommandResult foreign =
        scenario.shell().run("dormouse hibernate --to " + scenario.store(), LONG);
    assertThat(foreign.output()).contains("holds data of an unknown kind");
    assertThat(foreign.status()).isNotZero();
    assertThat(scenario.shell().check("head -c 8 " + scenario.store(), LONG)).contains("precious");
    assertThat(scenario.shell().check("cat /sys/kernel/kexec_loaded", LONG)).contains("0");
  }

  /**
   * All memory that was filled is right, and it is the same machine: more may have been filled
   * since.
   */
  private static void isWhatItWas(Scenario scenario, GuestState before) throws Exception {
    GuestState memory = scenario.verifyMemory();
    assertThat(memory.number("wrong_pages")).isZero();
    assertThat(memory.number("checked_pages"))
        .isGreaterThanOrEqualTo(before.number("filled_bytes") / 4096);
    GuestState now = scenario.state();
    for (String same :
        new String[] {"boot_id", "java_pid", "counter_pid", "peer_pid", "cpus_online"}) {
      assertThat(now.text(same)).as(same).isEqualTo(before.text(same));
    }
    assertThat(now.text("conversation")).isEqualTo("alive");
    assertThat(now.number("ticks")).isGreaterThan(before.number("ticks"));
  }

  private static long consoleLines(Scenario scenario, String text) {
    return scenario.machine().console().lines().stream()
        .filter(line -> line.text().contains(text))
        .count();
  }
}
