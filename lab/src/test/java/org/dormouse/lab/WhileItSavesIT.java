package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.dormouse.lab.demo.Fill;
import org.dormouse.lab.demo.Scenario;
import org.dormouse.lab.demo.Transition;
import org.dormouse.lab.demo.Wake;
import org.dormouse.lab.qemu.CommandResult;
import org.dormouse.lab.qemu.Machine;
import org.dormouse.lab.qemu.RunningCommand;
import org.dormouse.lab.qemu.SerialLine;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What a person can do while a machine is saved: look on, call it off, have a shell before, give it
 * little time; and what can become of the machine then. Whatever it is, the guest goes on as the
 * same.
 */
@Tag("long")
class WhileItSavesIT {
  private static final Duration LONG = Duration.ofMinutes(3);

  /** Slow enough that there is time to call it off. */
  private static final String SLOWLY = " --codec zstd:3";

  private static TestBed bed;

  @BeforeAll
  static void prepare() throws Exception {
    bed = TestBed.prepare();
  }

  @Test
  void aPersonIsHeardAndTheMachineIsSuspendedRestartedOrGoesOn() throws Exception {
    Path folder = bed.folder("while-it-saves");
    try (Scenario scenario =
        Scenario.prepare(
            bed.software(),
            bed.machine()
                .withMemoryBytes(768L << 20)
                .withDevice("VGA")
                .withAppend("console=tty0 console=ttyS0"),
            folder)) {
      scenario.boot();
      scenario.startWorkload(13);
      scenario.fillTo(Fill.parse("55%"));
      SameGuest guest = SameGuest.of(scenario);
      refusesNonsense(scenario);

      thePowerFailsWhileItIsSuspended(scenario);
      guest.check(scenario);
      wokenUpFromRam(scenario);
      guest.check(scenario);
      restarts(scenario);
      guest.check(scenario);

      calledOffAtTheConsole(scenario, folder);
      guest.check(scenario);
      itsTimeIsOver(scenario);
      guest.check(scenario);
      aShellFirstAndThenItGoesOn(scenario);
      guest.check(scenario);

      stepByStep(scenario);
      guest.check(scenario);

      scenario.disarm();
      scenario.shutDown();
      assertThat(scenario.fileSystemErrors()).isEmpty();
    }
    bed.tidy(folder);
  }

  private static void refusesNonsense(Scenario scenario) throws Exception {
    for (String wrong : List.of("--then dance", "--timeout 0", "--timeout soon")) {
      CommandResult refused = scenario.shell().run("dormouse hibernate " + wrong, LONG);
      assertThat(refused.status()).as(wrong).isEqualTo(2);
      assertThat(refused.output()).as(wrong).contains(wrong.split(" ")[0]).doesNotContain("\tat ");
    }
    assertThat(scenario.shell().check("dormouse hibernate --dry-run --then suspend", LONG))
        .contains("then: suspend");
  }

  /** At the serial console, cold and warm, which is not tried again; and at the screen. */
  private static void calledOffAtTheConsole(Scenario scenario, Path folder) throws Exception {
    Machine machine = scenario.machine();
    scenario.disarm();
    calledOff(scenario, () -> machine.type("\033"));
    scenario.arm();
    calledOff(scenario, () -> machine.type("\003"));
    scenario.arm();
    calledOff(
        scenario,
        () -> {
          assertThat(machine.screen(folder.resolve("screen")))
              .contains("dormouse: Escape or Ctrl-C calls it off")
              .containsPattern("saving \\[[#.]{30}\\] +\\d+ % ");
          machine.press("esc");
        });
    scenario.arm();
  }

  /** How a person calls it off. */
  private interface Hand {
    void callsItOff() throws IOException;
  }

  private static void calledOff(Scenario scenario, Hand hand) throws Exception {
    int from = scenario.machine().console().lines().size();
    RunningCommand command = scenario.shell().start("dormouse hibernate" + SLOWLY);
    SerialLine asked = scenario.machine().awaitLine("Escape or Ctrl-C calls it off", from, LONG);
    scenario.machine().awaitLine("saving \\[[#.]{30}\\] +\\d+ % ", asked.number(), LONG);
    hand.callsItOff();
    CommandResult result = scenario.shell().await(command, LONG);
    assertThat(result.output()).contains("it was called off at the console");
    assertThat(result.status()).isEqualTo(69);
    assertThat(state(scenario)).isEqualTo("EMPTY");
    assertThat(scenario.machine().console().lines().stream().skip(from))
        .filteredOn(line -> line.text().contains("dormouse: stage saver"))
        .hasSize(1);
  }

  private static void itsTimeIsOver(Scenario scenario) throws Exception {
    scenario.disarm();
    CommandResult result =
        scenario.shell().run("dormouse hibernate --timeout 1 --codec zstd:3", LONG);
    assertThat(result.output()).contains("the saver was not done after 1 s, its time limit");
    assertThat(result.status()).isEqualTo(69);
    assertThat(state(scenario)).isEqualTo("EMPTY");
  }

  private static void aShellFirstAndThenItGoesOn(Scenario scenario) throws Exception {
    int from = scenario.machine().console().lines().size();
    RunningCommand command =
        scenario.shell().start("dormouse hibernate --shell --then return; dormouse arm");
    SerialLine lent = scenario.machine().awaitLine("'exit' goes on", from, LONG);
    Thread.sleep(1000);
    scenario.machine().type("echo in $(grep -c kexec_jump_back_entry /proc/cmdline) saver\n");
    scenario.machine().awaitLine("^in 1 saver", lent.number(), LONG);
    scenario.machine().type("exit\n");
    CommandResult result = scenario.shell().await(command, LONG);
    assertThat(result.output())
        .contains("was saved, and is back; the image was taken away")
        .contains("a saver is warm");
    assertThat(result.status()).isZero();
    assertThat(state(scenario)).isEqualTo("EMPTY");
  }

  private static void stepByStep(Scenario scenario) throws Exception {
    scenario.disarm();
    CommandResult none = scenario.shell().run("dormouse kexec execute", LONG);
    assertThat(none.output()).contains("there is no saver that could be entered");
    assertThat(none.status()).isEqualTo(69);
    assertThat(scenario.shell().check("dormouse kexec load --dry-run", LONG))
        .contains("saver region ")
        .contains("kexec image: entry 0x");
    assertThat(scenario.shell().check("cat /sys/kernel/kexec_loaded", LONG)).isEqualTo("0");
    String loaded = scenario.shell().check("dormouse kexec load", LONG);
    assertThat(loaded).containsPattern("--mem-min=0x[0-9a-f]+ --mem-max=0x[0-9a-f]+fff");
    String placed = loaded.substring(loaded.indexOf("saver region"));
    assertThat(scenario.shell().check("dormouse kexec status", LONG))
        .contains("was not entered yet")
        .contains(placed);
    for (int time = 0; time < 2; time++) {
      assertThat(scenario.shell().check("dormouse kexec execute", LONG))
          .contains("was in the saver kernel, and is back")
          .containsPattern("jump back entry  0x[0-9a-f]+");
    }
    assertThat(scenario.shell().check("dormouse kexec status", LONG)).contains("a saver is warm");
    byHand(scenario);
    scenario.shell().check("dormouse kexec load", LONG);
    scenario.shell().check("dormouse kexec unload", LONG);
    assertThat(scenario.shell().check("cat /sys/kernel/kexec_loaded", LONG)).isEqualTo("0");
    scenario.arm();
  }

  /**
   * As docs/from-kexec-tools.md has it: memory is read, and the way back loaded and taken, by a
   * person.
   */
  private static void byHand(Scenario scenario) throws Exception {
    int from = scenario.machine().console().lines().size();
    RunningCommand command = scenario.shell().start("dormouse kexec execute --shell");
    SerialLine lent = scenario.machine().awaitLine("'exit' goes on", from, LONG);
    Thread.sleep(1000);
    scenario
        .machine()
        .type(
            "dd if=/dev/mem bs=4096 skip=$((0x100000 / 4096)) count=256 | wc -c | sed 's/^/bytes: /'\n");
    scenario.machine().awaitLine("^bytes: 1048576", lent.number(), LONG);
    scenario
        .machine()
        .type(
            "kexec -l -c --type=elf-x86_64 --args-none --no-checks /way-back.elf && kexec -e -x -y\n");
    CommandResult result = scenario.shell().await(command, LONG);
    assertThat(result.output()).contains("is back by a jump from its shell");
    assertThat(result.status()).isZero();
    assertThat(scenario.shell().check("cat /sys/kernel/kexec_loaded", LONG)).isEqualTo("0");
  }

  /** Once for each power-on: SeaBIOS leaves the chipset without its ACPI registers. */
  private static void wokenUpFromRam(Scenario scenario) throws Exception {
    RunningCommand command = suspend(scenario);
    assertThat(state(scenario)).isEqualTo("COMPLETE");
    scenario.machine().monitor("system_wakeup", Map.of());
    CommandResult result = scenario.shell().await(command, LONG);
    assertThat(result.output()).contains("woken up from RAM, and the image was taken away");
    assertThat(result.status()).isZero();
    assertThat(state(scenario)).isEqualTo("EMPTY");
    assertThat(scenario.shell().check("dormouse doctor", LONG)).contains("a saver is warm");
  }

  private static void thePowerFailsWhileItIsSuspended(Scenario scenario) throws Exception {
    scenario.startToSleepBy("dormouse hibernate --then suspend");
    scenario.machine().awaitSuspended(LONG);
    scenario.machine().kill();
    assertThat(state(scenario)).isEqualTo("COMPLETE");
    scenario.wake(Wake.KEXEC);
    assertThat(state(scenario)).isEqualTo("CONSUMED");
  }

  private static RunningCommand suspend(Scenario scenario) throws Exception {
    Machine machine = scenario.machine();
    RunningCommand command = scenario.shell().start("dormouse hibernate --then suspend");
    machine.awaitSuspended(LONG);
    return command;
  }

  private static void restarts(Scenario scenario) throws Exception {
    Transition asleep = scenario.restartBy("dormouse hibernate --then reboot");
    assertThat(asleep.lines()).anyMatch(line -> line.text().contains("dormouse: stage reboot"));
    assertThat(state(scenario)).isEqualTo("COMPLETE");
    scenario.wake(Wake.KEXEC);
  }

  private static String state(Scenario scenario) throws Exception {
    return new StoreFile(scenario.imageDisk()).state();
  }
}
