package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.dormouse.lab.demo.Fill;
import org.dormouse.lab.demo.Scenario;
import org.dormouse.lab.demo.Wake;
import org.dormouse.lab.guest.GuestRoot;
import org.dormouse.lab.guest.GuestSoftware;
import org.dormouse.lab.qemu.Disk;
import org.dormouse.lab.qemu.MachineOptions;
import org.dormouse.lab.qemu.RunningCommand;
import org.dormouse.lab.setup.CacheFolder;
import org.dormouse.lab.setup.ConsoleReporter;
import org.dormouse.lab.setup.Kernel;
import org.dormouse.lab.setup.KernelFlavour;
import org.dormouse.lab.setup.Setup;
import org.dormouse.lab.workload.WorkloadPages;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Each use of the jump once, on each kernel that is here: it is the original one, the saver's, and
 * what boots. Other kernels than the lab's own are tested where they have been built: {@code
 * ./dormouse demo --kernel 6.1}.
 */
class UsesOfTheJumpIT {
  private static final Duration LONG = Duration.ofMinutes(8);
  private static final long MIB = 1L << 20;
  private static final long SEED = 61;

  private static TestBed bed;

  @BeforeAll
  static void prepare() throws Exception {
    bed = TestBed.prepare();
  }

  @ParameterizedTest
  @EnumSource(names = {"V6_12", "V6_1", "NEWEST", "DEBIAN"})
  void worksAndTheMachineGoesOn(KernelFlavour flavour) throws Exception {
    Optional<Kernel> built =
        new Setup(CacheFolder.fromEnvironment(), ConsoleReporter.inLines(System.out))
            .kernelIfBuilt(flavour);
    assumeTrue(
        built.isPresent(),
        () -> "it has not been built: ./dormouse demo --kernel " + flavour.word());
    Path kernel = built.orElseThrow().image();
    MachineOptions machine = bed.machine().withKernel(kernel).withMemoryBytes(1024 * MIB);
    works("kernel-" + flavour.word(), machine, "60%", "50%");
  }

  /** A large machine with a past, whose processors can little. */
  @Test
  @Tag("long")
  void worksOnSixteenGibibytesUsedBeforeWithEightOldCpus() throws Exception {
    MachineOptions machine =
        bed.machine().withMemoryBytes(16 * 1024 * MIB).withCpus(8).withCpuModel("qemu64");
    works("large-and-old", machine, "25%", "12%");
  }

  @Test
  @Tag("long")
  void plansChangeNothing() throws Exception {
    Path folder = bed.folder("plans");
    try (Scenario scenario = Scenario.prepare(bed.software(), bed.machine(), folder)) {
      scenario.boot();
      planEach(scenario);
      scenario.shutDown();
    }
    bed.tidy(folder);
  }

  private static void planEach(Scenario scenario) throws Exception {
    // The one instruction that a program needs.
    scenario.shell().check("printf '\\303' > /ret", LONG);
    for (String verb :
        List.of(
            "hibernate",
            "snapshot /none.img",
            "arm",
            "rehearse",
            "kexec load",
            "switch --shell",
            "call /ret",
            "bios memory-map",
            "bios call --int 12")) {
      assertThat(scenario.shell().check("dormouse " + verb + " --dry-run", LONG))
          .as(verb)
          .contains("kexec image: entry");
    }
    for (String verb : List.of("disarm", "kexec unload")) {
      assertThat(scenario.shell().check("dormouse " + verb + " --dry-run", LONG))
          .contains("no saver is loaded");
    }
    assertThat(scenario.shell().check("dormouse kernel remove --all --dry-run", LONG))
        .contains("would be removed: nothing");
    scenario.shell().check("[ ! -e /none.img ] && [ ! -e /run/dormouse/kernels ]", LONG);
    assertThat(scenario.shell().check("cat /sys/kernel/kexec_loaded", LONG).strip()).isEqualTo("0");
  }

  private static void works(String name, MachineOptions machine, String usedBefore, String fill)
      throws Exception {
    GuestSoftware software = bed.software().withKernel(machine.bootEntry().kernel());
    Path folder = bed.folder(name);
    Disk dumps = new Disk(folder.resolve("dumps.img"), "dumps");
    GuestRoot.writeEmptyDisk(dumps.file(), machine.memoryBytes() + 64 * MIB);
    Disk programs = new Disk(new DocumentedPrograms(folder).disk(), "programs");
    try (Scenario scenario =
        Scenario.prepare(
            software,
            machine.withNetworkCard("virtio-net-pci").withDisk(dumps).withDisk(programs),
            folder)) {
      scenario.boot();
      System.out.println("kernel " + scenario.shell().check("uname -r", LONG));
      assertThat(scenario.shell().check("dormouse doctor", LONG))
          .contains("This machine can sleep.");
      scenario.useMemory(Fill.parse(usedBefore));
      scenario.startWorkload(SEED);
      scenario.fillTo(Fill.parse(fill));
      SameGuest guest = SameGuest.of(scenario);

      sleepsColdAndWarm(scenario, guest);
      try (Connection connection = Connection.of(scenario)) {
        stepsByHand(scenario, guest);
        connection.check();
        isDumped(scenario, guest, dumps);
        connection.check();
        callsProgramsAndTheBios(scenario, guest, programs);
        connection.check();
        leavesForAShell(scenario, guest);
        connection.check();
        isSuspendedWithAnImage(scenario, guest);
        connection.check();
      }
      restarts(scenario, guest);

      scenario.shutDown();
      assertThat(scenario.fileSystemErrors()).isEmpty();
    }
    bed.tidy(folder);
  }

  private static void sleepsColdAndWarm(Scenario scenario, SameGuest guest) throws Exception {
    scenario.hibernate();
    scenario.wake(Wake.KEXEC);
    guest.check(scenario);
    assertThat(scenario.shell().check("dormouse doctor", LONG)).contains("a saver is warm");
    assertThat(scenario.hibernate().lines())
        .anyMatch(line -> line.text().contains("dormouse: fact warm yes"));
    scenario.wake(Wake.DIRECT);
    guest.check(scenario);
  }

  /** SeaBIOS leaves the chipset without its ACPI registers: it can only be restarted after this. */
  private static void isSuspendedWithAnImage(Scenario scenario, SameGuest guest) throws Exception {
    RunningCommand command = scenario.shell().start("dormouse hibernate --then suspend");
    scenario.machine().awaitSuspended(LONG);
    scenario.machine().monitor("system_wakeup", Map.of());
    assertThat(scenario.shell().await(command, LONG).output())
        .contains("woken up from RAM, and the image was taken away");
    guest.check(scenario);
  }

  private static void restarts(Scenario scenario, SameGuest guest) throws Exception {
    scenario.restartBy("dormouse hibernate --then reboot");
    scenario.wake(Wake.KEXEC);
    guest.check(scenario);
  }

  private static void stepsByHand(Scenario scenario, SameGuest guest) throws Exception {
    scenario.disarm();
    scenario.shell().check("dormouse kexec load", LONG);
    assertThat(scenario.shell().check("dormouse kexec execute --dry-run", LONG))
        .contains("saver region");
    for (int time = 0; time < 2; time++) {
      assertThat(scenario.shell().check("dormouse kexec execute", LONG)).contains("and is back");
    }
    scenario.shell().check("dormouse kexec unload", LONG);
    guest.check(scenario);
  }

  private static void isDumped(Scenario scenario, SameGuest guest, Disk dumps) throws Exception {
    String device = scenario.options().deviceOf(dumps.serial());
    long filled = scenario.state().number("filled_bytes");
    scenario.shell().check("ask plant 610", LONG);
    String told =
        scenario.shell().check("dormouse snapshot --json --exclude cache " + device, LONG);
    assertThat(told).contains("\"remarks\": []");
    guest.check(scenario);
    DumpedMemory.holds(dumps.file(), 610, new WorkloadPages(SEED, filled));
  }

  private static void callsProgramsAndTheBios(Scenario scenario, SameGuest guest, Disk programs)
      throws Exception {
    String archive = scenario.options().deviceOf(programs.serial());
    scenario.shell().check("mkdir /programs && tar xf " + archive + " -C /programs", LONG);
    scenario.shell().check("cd /programs", LONG);
    scenario.shell().check("dormouse call checksum --in data --out sum", LONG);
    scenario.shell().check("cmp sum sum.expected", LONG);
    scenario.shell().check("dormouse call --mode 32 mode --out cr0 && cmp cr0 cr0.expected", LONG);
    assertThat(scenario.shell().check("dormouse bios memory-map", LONG))
        .contains("the kernel was given the same at its start");
    guest.check(scenario);
  }

  private static void leavesForAShell(Scenario scenario, SameGuest guest) throws Exception {
    int line = scenario.machine().console().lines().size();
    RunningCommand away =
        scenario.shell().start("dormouse switch --shell --append dormouse.shell=ttyS1");
    scenario.machine().awaitLine("the shell of kernel shell is on", line, LONG);
    // What comes first may be mixed with what the other kernel had still to print.
    scenario.shell().check("true", LONG);
    String inShell = scenario.shell().check("cat /proc/sys/kernel/random/boot_id", LONG);
    for (int time = 0; time < 2; time++) {
      RunningCommand back = scenario.shell().start("dormouse switch original");
      assertThat(scenario.shell().await(away, LONG).succeeded()).isTrue();
      guest.check(scenario);
      away = scenario.shell().start("dormouse switch shell");
      assertThat(scenario.shell().await(back, LONG).succeeded()).isTrue();
      assertThat(scenario.shell().check("cat /proc/sys/kernel/random/boot_id", LONG))
          .isEqualTo(inShell);
    }
    scenario.shell().start("dormouse switch original");
    assertThat(scenario.shell().await(away, LONG).succeeded()).isTrue();
    scenario.shell().check("dormouse kernel remove --all --discard", LONG);
    guest.check(scenario);
  }
}
