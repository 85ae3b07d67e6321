package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.dormouse.lab.MortalSaver.Deed;
import org.dormouse.lab.demo.Fill;
import org.dormouse.lab.demo.Scenario;
import org.dormouse.lab.demo.Transition;
import org.dormouse.lab.demo.Wake;
import org.dormouse.lab.qemu.CommandResult;
import org.dormouse.lab.qemu.Machine;
import org.dormouse.lab.qemu.MachineOptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The saver dies: of a signal, of too little memory, by a panic of its kernel. On the way out the
 * original kernel goes on and says why; on the way back the image stays as good as it was.
 */
class SaversThatDieIT {
  private static final Duration LONG = Duration.ofMinutes(2);

  private static TestBed bed;

  @BeforeAll
  static void prepare() throws Exception {
    bed = TestBed.prepare();
  }

  @Test
  void nothingIsLost() throws Exception {
    Path folder = bed.folder("savers-that-die");
    MortalSaver saver = MortalSaver.make(bed.software(), folder);
    try (Scenario scenario =
        Scenario.prepare(
            saver.software(),
            bed.machine()
                .withMemoryBytes(512L << 20)
                .withDisk(saver.plan())
                .withAppend("dormouse.wait=1"),
            folder)) {
      scenario.boot();
      scenario.startWorkload(5);
      scenario.fillTo(Fill.parse("50%"));
      SameGuest guest = SameGuest.of(scenario);

      onTheWayOut(scenario, saver, guest);
      onTheWayBack(scenario, saver, guest);
      warm(scenario, saver, guest);

      scenario.shutDown();
      assertThat(scenario.fileSystemErrors()).isEmpty();
    }
    bed.tidy(folder);
  }

  private static void onTheWayOut(Scenario scenario, MortalSaver saver, SameGuest guest)
      throws Exception {
    saver.diesAt(MortalSaver.AT_START, Deed.ILLEGAL);
    staysAwake(
        scenario, saver, guest, "died, exit code 132 (SIGILL: an instruction that this processor");
    saver.diesAt("save", Deed.ILLEGAL);
    staysAwake(scenario, saver, guest, "died, exit code 1: SIGILL (0x4)");
    saver.diesAt("save", Deed.MEMORY);
    staysAwake(
        scenario, saver, guest, "died, exit code 137 (SIGKILL: as the kernel does when memory");
    saver.diesAt("save", Deed.PANIC);
    staysAwake(scenario, saver, guest, "the saver kernel panicked");
  }

  /** Before, while and after it writes; the reason is what the panicking kernel printed. */
  @Test
  @Tag("long")
  void whatASaverPanicsOfIsTold() throws Exception {
    Path folder = bed.folder("savers-that-panic");
    MortalSaver saver = MortalSaver.make(bed.software(), folder);
    MachineOptions machine =
        bed.machine()
            .withMemoryBytes(512L << 20)
            .withDevice("i6300esb")
            .withNetworkCard("e1000e")
            .withDisk(saver.plan());
    try (Scenario scenario = Scenario.prepare(saver.software(), machine, folder)) {
      scenario.boot();
      scenario.startWorkload(6);
      scenario.fillTo(Fill.parse("40%"));
      SameGuest guest = SameGuest.of(scenario);
      try (Connection connection = Connection.of(scenario)) {
        saver.diesAt("find-store", Deed.PANIC);
        staysAwake(scenario, saver, guest, "the saver kernel panicked: sysrq triggered crash");
        connection.check();
        saver.diesAt("save", Deed.OOPS);
        staysAwake(scenario, saver, guest, "lkdtm_EXCEPTION");
        connection.check();
        saver.diesAt("commit", Deed.PANIC);
        staysAwake(scenario, saver, guest, "dormouse: stage commit");
        connection.check();
      }
      scenario.shutDown();
      assertThat(scenario.fileSystemErrors()).isEmpty();
    }
    bed.tidy(folder);
  }

  /** A CPU that spins with interrupts off is ended by a watchdog's NMI. */
  @Test
  @Tag("long")
  void aSaverThatSpinsIsEnded() throws Exception {
    Path folder = bed.folder("saver-that-spins");
    MortalSaver saver = MortalSaver.make(bed.software(), folder);
    MachineOptions machine =
        bed.machine().withMemoryBytes(512L << 20).withDevice("i6300esb").withDisk(saver.plan());
    try (Scenario scenario = Scenario.prepare(saver.software(), machine, folder)) {
      scenario.boot();
      scenario.startWorkload(7);
      scenario.fillTo(Fill.parse("40%"));
      SameGuest guest = SameGuest.of(scenario);
      scenario.machine().monitor("set-action", Map.of("watchdog", "inject-nmi"));
      saver.diesAt("save", Deed.SPIN);
      staysAwake(scenario, saver, guest, "the saver kernel panicked: NMI: Not continuing");
      scenario.shutDown();
      assertThat(scenario.fileSystemErrors()).isEmpty();
    }
    bed.tidy(folder);
  }

  private static void staysAwake(
      Scenario scenario, MortalSaver saver, SameGuest guest, String reason) throws Exception {
    CommandResult result = scenario.shell().run("dormouse hibernate", LONG);
    assertThat(saver.hasDied()).isTrue();
    assertThat(result.output())
        .contains(reason)
        .contains("The machine goes on as if nothing had happened");
    assertThat(result.status()).isNotZero();
    assertThat(scenario.shell().check("cat /sys/kernel/kexec_loaded", LONG)).isEqualTo("0");
    assertThat(new StoreFile(scenario.imageDisk()).state()).isEqualTo("EMPTY");
    guest.check(scenario);
  }

  /** The image is tried until it wakes; from the second failure on somebody is asked before. */
  private static void onTheWayBack(Scenario scenario, MortalSaver saver, SameGuest guest)
      throws Exception {
    scenario.hibernate();
    saver.diesAt(MortalSaver.AT_START, Deed.ILLEGAL);
    restarts(scenario.powerOnWith(scenario.directEntry()), scenario, saver);
    hasFailed(scenario, 1, "the saver's program died, exit code 132");
    saver.diesAt("restore", Deed.PANIC);
    restarts(scenario.powerOn(), scenario, saver);
    hasFailed(scenario, 2, "");
    saver.diesAt("restore", Deed.MEMORY);
    restarts(scenario.powerOn(), scenario, saver);
    hasFailed(scenario, 3, "the saver's program died, exit code 137");
    assertThat(scenario.machine().console().lines())
        .anyMatch(line -> line.text().contains("t = try again, b = boot without it"));

    scenario.wake(Wake.KEXEC);
    guest.check(scenario);
  }

  private static void restarts(Machine machine, Scenario scenario, MortalSaver saver)
      throws Exception {
    machine.awaitExit(LONG);
    assertThat(saver.hasDied()).isTrue();
    assertThat(scenario.guestListens()).as("it booted").isFalse();
  }

  private static void hasFailed(Scenario scenario, int attempts, String reason) throws Exception {
    StoreFile store = new StoreFile(scenario.imageDisk());
    assertThat(store.state()).isEqualTo("COMPLETE");
    assertThat(store.attempts()).isEqualTo(attempts);
    assertThat(store.reason()).startsWith(reason);
  }

  /** A warm saver that dies is replaced by a cold one, which does what was asked for. */
  private static void warm(Scenario scenario, MortalSaver saver, SameGuest guest) throws Exception {
    saver.diesAt("save", Deed.PANIC);
    Transition transition = scenario.hibernate();
    assertThat(saver.hasDied()).isTrue();
    assertThat(transition.lines())
        .anyMatch(line -> line.text().contains("dormouse: fact warm yes"))
        .anyMatch(line -> line.text().contains("the saver kernel panicked"))
        .anyMatch(line -> line.text().contains("dormouse: fact warm no"));
    scenario.wake(Wake.DIRECT);
    guest.check(scenario);
  }
}
