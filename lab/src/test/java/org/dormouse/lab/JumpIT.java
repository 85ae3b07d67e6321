package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.dormouse.lab.demo.Fill;
import org.dormouse.lab.demo.Scenario;
import org.dormouse.lab.demo.Wake;
import org.dormouse.lab.qemu.CommandResult;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Jumps into the saver kernel and back: what they cost in memory, and what keeps a machine from
 * jumping.
 */
class JumpIT {
  private static final Duration LONG = Duration.ofMinutes(2);
  private static final long MIB = 1L << 20;
  private static final int CYCLES = 10;

  /** What the kernel takes or gives meanwhile. */
  private static final long NOISE = 4 * MIB;

  private static TestBed bed;

  @BeforeAll
  static void prepare() throws Exception {
    bed = TestBed.prepare();
  }

  @Test
  @Tag("long")
  void armsThenLeavesAForeignImageAloneThenMakesRoomThenRefuses() throws Exception {
    Path folder = bed.folder("jump");
    try (Scenario scenario =
        Scenario.prepare(bed.software(), bed.machine().withMemoryBytes(512 * MIB), folder)) {
      scenario.boot();
      scenario.startWorkload(7);
      scenario.fillTo(Fill.parse("40%"));
      SameGuest guest = SameGuest.of(scenario);

      rehearses(scenario);
      guest.check(scenario);
      armsAndDisarms(scenario);
      guest.check(scenario);
      anInterruptedCommandDoesNothing(scenario);
      aSecondCommandIsRefused(scenario);
      aForeignImageIsLeftAlone(scenario);
      guest.check(scenario);
      pageCacheIsDroppedForTheRegion(scenario);
      scenario.fillTo(Fill.parse("85%"));
      SameGuest fuller = SameGuest.of(scenario);
      tooLittleMemoryIsRefused(scenario);
      foreignDataIsNotOverwritten(scenario);
      fuller.check(scenario);
    }
    bed.tidy(folder);
  }

  private static void rehearses(Scenario scenario) throws Exception {
    assertThat(scenario.rehearse()).contains("is back");
    assertThat(consoleLines(scenario, "dormouse: the saver kernel is up")).isEqualTo(1);
    assertThat(isLoaded(scenario)).isFalse();
  }

  private static void armsAndDisarms(Scenario scenario) throws Exception {
    toldBySleepers(scenario, "no saver is loaded: the next sleep loads and boots one");
    long before = HeldMemory.bytes(scenario);
    assertThat(scenario.shell().check("(cd /tmp && dormouse arm)", LONG))
        .contains("a saver is warm; it holds ");
    assertThat(isLoaded(scenario)).isTrue();
    long warm = HeldMemory.bytes(scenario);
    toldBySleepers(scenario, "the next sleep loads and boots nothing; it holds ");
    assertThat(scenario.arm()).contains("a saver is warm already");
    assertThat(scenario.rehearse()).contains("a saver is warm, so the jump has worked");
    String daemon = daemon(scenario);
    assertThat(scenario.shell().check("readlink /proc/" + daemon + "/cwd", LONG)).isEqualTo("/");
    assertThat(scenario.shell().check("dormouse doctor", LONG))
        .containsPattern("daemon: process " + daemon + " waits for commands; it holds [0-9.]+ MiB");
    assertThat(scenario.disarm()).contains("no saver is loaded; ").contains("became free");
    scenario
        .shell()
        .check(
            "for i in 1 2 3 4 5; do sleep 1; [ -d /proc/"
                + daemon
                + " ] || break; done; [ ! -d /proc/"
                + daemon
                + " ]",
            LONG);
    assertThat(daemon(scenario)).isEmpty();
    long after = HeldMemory.bytes(scenario);
    System.out.printf(
        "a warm saver holds %d KiB of memory; %d KiB of them stay when it is given up%n",
        (warm - before) / 1024, (after - before) / 1024);
    assertThat(warm - before).isBetween(100 * MIB, 200 * MIB);
    assertThat(after - before).isLessThan(NOISE);
    assertThat(isLoaded(scenario)).isFalse();
    toldBySleepers(scenario, "no saver is loaded");
    assertThat(consoleLines(scenario, "dormouse: the saver kernel is up")).isEqualTo(2);
  }

  /** The PID of the process that does commands as long as a warm saver waits, if there is one. */
  private static String daemon(Scenario scenario) throws Exception {
    return scenario.shell().run("cat /run/dormouse/pid 2>/dev/null", LONG).output().strip();
  }

  /** Doctor and the plan of a sleep say how the saver stands. */
  private static void toldBySleepers(Scenario scenario, String state) throws Exception {
    assertThat(scenario.shell().check("dormouse doctor", LONG))
        .contains(state)
        .contains("This machine can sleep.");
    assertThat(scenario.shell().check("dormouse hibernate --dry-run", LONG))
        .contains(state)
        .contains("of free memory needed");
  }

  /** Whoever loses patience before Java has started has nothing done. */
  private static void anInterruptedCommandDoesNothing(Scenario scenario) throws Exception {
    scenario.shell().run("dormouse arm & p=$!; sleep 0.3; kill -TERM $p; wait $p; sleep 10", LONG);
    assertThat(isLoaded(scenario)).isFalse();
    assertThat(scenario.shell().run("ls /run/dormouse/answer.*", LONG).succeeded()).isFalse();
    assertThat(daemon(scenario)).isEmpty();
  }

  /**
   * While one command is at work another is refused, and a daemon of another version is replaced.
   */
  private static void aSecondCommandIsRefused(Scenario scenario) throws Exception {
    scenario.arm();
    String daemon = daemon(scenario);
    // Either may come first; each is at work long enough for the other to come meanwhile.
    String one = "dormouse rehearse; echo status=$?";
    CommandResult both = scenario.shell().run("(" + one + ") & " + one + "; wait", LONG);
    assertThat(both.output())
        .contains("another dormouse command is at work")
        .contains("status=75")
        .contains("status=0");
    assertThat(daemon(scenario)).isEqualTo(daemon);
    scenario.shell().check("touch /usr/lib/dormouse/lib/cli-*.jar", LONG);
    assertThat(scenario.arm()).contains("a saver is warm already");
    String next = daemon(scenario);
    assertThat(next).isNotEmpty().isNotEqualTo(daemon);
    scenario
        .shell()
        .check("(cd /usr/lib/dormouse/runtime/bin && cp -p java new && mv new java)", LONG);
    assertThat(scenario.arm()).contains("a saver is warm already");
    assertThat(daemon(scenario)).isNotEmpty().isNotEqualTo(next);
    assertThat(scenario.shell().run("[ -d /proc/" + next + " ]", LONG).succeeded()).isFalse();
    scenario.disarm();
  }

  /** Somebody else loads a kernel in the place of the saver that waits. */
  private static void aForeignImageIsLeftAlone(Scenario scenario) throws Exception {
    scenario.arm();
    scenario.shell().check("kexec -l -c --no-checks /boot/vmlinuz --command-line=quiet", LONG);
    for (String command :
        List.of("hibernate", "hibernate --dry-run", "arm", "rehearse", "disarm")) {
      CommandResult refused = scenario.shell().run("dormouse " + command, LONG);
      assertThat(refused.output()).as(command).contains("kexec image is loaded");
      assertThat(refused.status()).as(command).isNotZero();
      assertThat(isLoaded(scenario)).as(command).isTrue();
    }
    scenario.shell().check("kexec -u -c", LONG);
    toldBySleepers(scenario, "no saver is loaded");
  }

  private static void pageCacheIsDroppedForTheRegion(Scenario scenario) throws Exception {
    scenario.fillTo(Fill.parse("60%"));
    scenario.shell().check("dd if=/dev/zero of=/big bs=1M count=100 2>/dev/null; sync", LONG);
    scenario.shell().check("cat /big /dev/vda >/dev/null", LONG);
    assertThat(scenario.rehearse()).contains("dropping clean page cache").contains("is back");
    scenario.shell().check("rm /big", LONG);
  }

  private static void tooLittleMemoryIsRefused(Scenario scenario) throws Exception {
    CommandResult result = scenario.shell().run("dormouse hibernate", LONG);
    assertThat(result.output())
        .contains("too little free memory for the saver region: it takes")
        .contains("bytes) are free")
        .contains("End programs that use memory, at least ")
        .contains("Nothing is loaded");
    assertThat(result.status()).isNotZero();
    assertThat(isLoaded(scenario)).isFalse();
  }

  private static void foreignDataIsNotOverwritten(Scenario scenario) throws Exception {
    CommandResult root = scenario.shell().run("dormouse hibernate --to /dev/vda", LONG);
    assertThat(root.output()).contains("cannot open the store");
    assertThat(root.status()).isNotZero();
    scenario
        .shell()
        .check("echo precious | dd of=" + scenario.store() + " conv=notrunc,fsync", LONG);
    CommandResult foreign = scenario.shell().run("dormouse hibernate", LONG);
    assertThat(foreign.output()).contains("holds data of an unknown kind");
    assertThat(foreign.status()).isNotZero();
    assertThat(scenario.shell().check("head -c 8 " + scenario.store(), LONG)).contains("precious");
    assertThat(isLoaded(scenario)).isFalse();
  }

  @Test
  @Tag("long")
  void tenSleepsLoseNoMemory() throws Exception {
    Path folder = bed.folder("ten-sleeps");
    try (Scenario scenario =
        Scenario.prepare(bed.software(), bed.machine().withMemoryBytes(512 * MIB), folder)) {
      scenario.boot();
      scenario.startWorkload(11);
      scenario.fillTo(Fill.parse("40%"));
      SameGuest guest = SameGuest.of(scenario);
      List<Long> held = new ArrayList<>();
      held.add(HeldMemory.bytes(scenario));
      for (int cycle = 1; cycle <= CYCLES; cycle++) {
        scenario.hibernate();
        scenario.wake(cycle == CYCLES ? Wake.KEXEC : Wake.DIRECT);
        held.add(HeldMemory.bytes(scenario));
      }
      guest.check(scenario);
      scenario.disarm();
      held.add(HeldMemory.bytes(scenario));
      System.out.printf(
          "KiB held before the first sleep, after each, and without the warm saver: %s%n",
          held.stream().map(bytes -> bytes / 1024).toList());
      assertThat(held.get(CYCLES) - held.get(1)).as("from sleep 1 to 10").isLessThan(NOISE);
      assertThat(held.getLast() - held.getFirst()).as("all in all").isLessThan(NOISE);
      scenario.shutDown();
      assertThat(scenario.fileSystemErrors()).isEmpty();
    }
    bed.tidy(folder);
  }

  private static boolean isLoaded(Scenario scenario) throws Exception {
    return scenario.shell().check("cat /sys/kernel/kexec_loaded", LONG).equals("1");
  }

  private static long consoleLines(Scenario scenario, String text) {
    return scenario.machine().console().lines().stream()
        .filter(line -> line.text().contains(text))
        .count();
  }
}
