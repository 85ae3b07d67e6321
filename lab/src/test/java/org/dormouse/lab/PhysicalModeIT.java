package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.dormouse.lab.demo.Fill;
import org.dormouse.lab.demo.Scenario;
import org.dormouse.lab.qemu.CommandResult;
import org.dormouse.lab.qemu.Disk;
import org.dormouse.lab.qemu.Firmware;
import org.dormouse.lab.qemu.MachineOptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Programs on the bare processor, and the BIOS, called from a running system that goes on. */
@Tag("long")
class PhysicalModeIT {
  private static final Duration LONG = Duration.ofMinutes(6);
  private static final long MIB = 1L << 20;

  /** What the kernel takes or gives meanwhile. */
  private static final long NOISE = 4 * MIB;

  private static final String PROGRAMS = "dormouse-programs";
  private static final Pattern MAP_LINE =
      Pattern.compile("(?m)^\\[0x(\\w+)-0x(\\w+)\\] (.*?)\\r?$");
  private static final Pattern KERNELS_LINE = Pattern.compile("(?m)^0x(\\w+) 0x(\\w+) (.*?)\\r?$");

  private static TestBed bed;

  @BeforeAll
  static void prepare() throws Exception {
    bed = TestBed.prepare();
  }

  /** With 5-level paging. */
  @Test
  void programsOfAllModesAndTheBiosRunAndTheSystemGoesOn() throws Exception {
    Path folder = bed.folder("physical");
    MachineOptions machine =
        bed.machine().withMemoryBytes(512 * MIB).withDevice("VGA").withDisk(programs(folder));
    try (Scenario scenario = Scenario.prepare(bed.software(), machine, folder)) {
      scenario.boot();
      scenario.startWorkload(17);
      scenario.fillTo(Fill.parse("40%"));
      unpack(scenario);
      SameGuest guest = SameGuest.of(scenario);

      programsOf64Bits(scenario);
      programsOf32And16Bits(scenario);
      guest.check(scenario);
      aProgramThatFaultsComesBack(scenario);
      aProgramThatNeverEndsIsEnded(scenario);
      guest.check(scenario);
      theBiosTellsWhatTheKernelWasTold(scenario);
      theBiosIsCalled(scenario);
      guest.check(scenario);
      whatCannotWorkIsRefused(scenario);
      aSaverThatWaitsIsNotLost(scenario);
      tenCallsLeaveNoMemoryBehind(scenario);
      guest.check(scenario);
      scenario.shutDown();
      assertThat(scenario.fileSystemErrors()).isEmpty();
    }
    bed.tidy(folder);
  }

  private static Disk programs(Path folder) throws Exception {
    return new Disk(new DocumentedPrograms(folder).disk(), PROGRAMS);
  }

  private static void unpack(Scenario scenario) throws Exception {
    run(
        scenario,
        "mkdir /programs && tar xf " + scenario.options().deviceOf(PROGRAMS) + " -C /programs");
    // From here on, each command is a person's who is there.
    run(scenario, "cd /programs");
  }

  private static void programsOf64Bits(Scenario scenario) throws Exception {
    assertThat(run(scenario, "dormouse call --dry-run checksum --in data --out sum"))
        .contains("64 bits: entry 0x")
        .contains("preserve context");
    assertThat(
            run(
                scenario,
                "dormouse call checksum --in data --out sum --timeout 30 && cmp sum sum.expected"))
        .contains("returned 0 (0x0), output 8 bytes");
    assertThat(
            run(scenario, "dormouse call reverse --in data --out back && cmp back back.expected"))
        .contains("returned 0 (0x0), output 5,000 bytes");
    // What the kernel says of itself, read behind its back.
    long note = Long.decode(run(scenario, "cut -d ' ' -f 1 /sys/kernel/vmcoreinfo").strip());
    run(scenario, "printf '" + octal(note) + "' >where");
    run(scenario, "dormouse call peek --in where --out note --out-size 4096");
    assertThat(run(scenario, "strings note | grep OSRELEASE"))
        .contains("OSRELEASE=" + run(scenario, "uname -r").strip());
    assertThat(
            run(
                scenario,
                "java --enable-native-access=ALL-UNNAMED -XX:TieredStopAtLevel=1 -cp"
                    + " \"/usr/lib/dormouse/lib/*:/programs\" org.dormouse.example.CallCode"
                    + " checksum AZ"))
        .contains("sum " + ('A' + 'Z'));
  }

  /** Eight bytes as printf(1) takes them. */
  private static String octal(long word) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < Long.BYTES; i++) {
      text.append(String.format("\\%03o", word >>> (8 * i) & 0xff));
    }
    return text.toString();
  }

  private static void programsOf32And16Bits(Scenario scenario) throws Exception {
    run(scenario, "dormouse call --mode 32 mode --out cr0 && cmp cr0 cr0.expected");
    run(scenario, "dormouse call peek --in screen.at --out before --out-size 4000");
    CommandResult letter = scenario.shell().run("dormouse call --mode 16 letter", LONG);
    assertThat(letter.output()).contains("returned 639 (0x27f)");
    assertThat(letter.status()).as("an exit value that is not 0").isEqualTo(1);
    run(scenario, "dormouse call peek --in screen.at --out after --out-size 4000");
    long before = Long.parseLong(run(scenario, "tr -cd D <before | wc -c").strip());
    assertThat(run(scenario, "tr -cd D <after | wc -c").strip()).isEqualTo("" + (before + 1));
  }

  private static void aProgramThatFaultsComesBack(Scenario scenario) throws Exception {
    assertThat(refused(scenario, "dormouse call null"))
        .contains("ended by exception 14 (page fault)")
        .contains("address 0x0, which is not mapped")
        .containsPattern("rbx +0000000000001234");
    assertThat(refused(scenario, "dormouse call stray"))
        .contains("ended by exception 14 (page fault)")
        .contains("address 0x3000000, which is read-only");
    assertThat(refused(scenario, "dormouse call nostack")).contains("ended by exception 14");
    assertThat(refused(scenario, "dormouse call --mode 32 undefined --json"))
        .contains("\"end\": \"FAULTED\"")
        .contains("\"vector\": 6");
    assertThat(refused(scenario, "dormouse call --mode 16 undefined"))
        .contains("ended by exception 6 (invalid opcode) at 1200:0000");
  }

  private static void aProgramThatNeverEndsIsEnded(Scenario scenario) throws Exception {
    for (String mode : List.of("64", "32", "16")) {
      assertThat(refused(scenario, "dormouse call spin --timeout 0.6 --mode " + mode))
          .as("mode %s", mode)
          .contains("ended since it took too long, at ");
    }
  }

  /** Our own reader of the kernel's map is left out of it. */
  private static void theBiosTellsWhatTheKernelWasTold(Scenario scenario) throws Exception {
    String told = run(scenario, "dormouse bios memory-map");
    assertThat(told).contains("the kernel was given the same at its start");
    String kernels =
        run(
            scenario,
            "for e in /sys/firmware/memmap/*; do echo $(cat $e/start) $(cat $e/end) $(cat"
                + " $e/type); done");
    assertThat(pieces(told, MAP_LINE))
        .isNotEmpty()
        .containsExactlyInAnyOrderElementsOf(pieces(kernels, KERNELS_LINE));
  }

  private static List<String> pieces(String text, Pattern line) {
    List<String> pieces = new ArrayList<>();
    line.matcher(text)
        .results()
        .forEach(
            (MatchResult match) ->
                pieces.add(
                    String.format(
                        "%x %x %s",
                        Long.parseUnsignedLong(match.group(1), 16),
                        Long.parseUnsignedLong(match.group(2), 16),
                        match.group(3))));
    return pieces;
  }

  private static void theBiosIsCalled(Scenario scenario) throws Exception {
    assertThat(run(scenario, "dormouse bios call --int 15 --ax e801"))
        .as("15 MiB above 1 MiB, in KiB")
        .containsPattern("ecx +00003c00");
    assertThat(run(scenario, "dormouse bios call --int 10 --ax 0f00"))
        .as("80 columns, mode 3")
        .containsPattern("eax +00005003")
        .contains("carry flag clear");
    assertThat(run(scenario, "dormouse bios call --int 10 --ax 4f00 --buffer 200"))
        .contains("0000  56 45 53 41");
    assertThat(refused(scenario, "dormouse bios call --int 15 --ax c9ff"))
        .contains("carry flag set: the BIOS says that it was not done; AH=86");
    assertThat(refused(scenario, "dormouse bios call --int 16 --timeout 0.6"))
        .as("waits for a key")
        .contains("ended since it took too long");
  }

  private static void whatCannotWorkIsRefused(Scenario scenario) throws Exception {
    for (List<String> each :
        List.of(
            List.of("dormouse call nothing", "there is no /programs/nothing"),
            List.of("dormouse call --mode 16 reverse", "is an ELF file of 64 bits, not of 16"),
            List.of("dormouse call faraway", "not all RAM on this machine"),
            List.of("dormouse call --mode 16 checksum --in big", "in real mode they may be"),
            List.of("dormouse call --timeout 0 checksum", "no time limit"))) {
      assertThat(refused(scenario, each.getFirst()))
          .as(each.getFirst())
          .contains(each.getLast())
          .doesNotContain("\tat ");
    }
    run(scenario, "kexec -l -c --no-checks /boot/vmlinuz --command-line=quiet");
    assertThat(refused(scenario, "dormouse call checksum --in data"))
        .contains("another kexec image is loaded");
    assertThat(run(scenario, "cat /sys/kernel/kexec_loaded").strip()).isEqualTo("1");
    run(scenario, "kexec -u -c");
  }

  private static void aSaverThatWaitsIsNotLost(Scenario scenario) throws Exception {
    scenario.arm();
    assertThat(refused(scenario, "dormouse call checksum --in data"))
        .contains("a saver is warm, and would be lost")
        .contains("dormouse disarm");
    assertThat(scenario.arm()).contains("a saver is warm already");
    scenario.disarm();
  }

  private static void tenCallsLeaveNoMemoryBehind(Scenario scenario) throws Exception {
    long before = HeldMemory.bytes(scenario);
    run(
        scenario,
        "for i in 1 2 3 4 5 6 7 8 9 10; do rm sum; dormouse call checksum --in data --out sum"
            + " >/dev/null || exit 1; cmp sum sum.expected || exit 1; done");
    long after = HeldMemory.bytes(scenario);
    System.out.printf("KiB held after ten calls more than before: %d%n", (after - before) / 1024);
    assertThat(after - before).isLessThan(NOISE);
    assertThat(run(scenario, "cat /sys/kernel/kexec_loaded").strip()).isEqualTo("0");
  }

  /** With 4-level paging. */
  @Test
  void aMachineThatUefiStartedSaysThatThereIsNoBiosAndRunsTheRest() throws Exception {
    Path folder = bed.folder("physical-uefi");
    MachineOptions machine =
        bed.machine()
            .withMemoryBytes(512 * MIB)
            .withCpuModel("max,la57=off")
            .withFirmware(Firmware.UEFI)
            .withDisk(programs(folder));
    try (Scenario scenario = Scenario.prepare(bed.software(), machine, folder)) {
      scenario.boot();
      scenario.startWorkload(19);
      scenario.fillTo(Fill.parse("30%"));
      unpack(scenario);
      SameGuest guest = SameGuest.of(scenario);
      for (String command : List.of("memory-map", "call --dry-run --int 12")) {
        assertThat(refused(scenario, "dormouse bios " + command))
            .contains("this machine was started by UEFI: there is no BIOS to call");
      }
      run(scenario, "dormouse call checksum --in data --out sum && cmp sum sum.expected");
      run(scenario, "dormouse call --mode 32 mode --out cr0 && cmp cr0 cr0.expected");
      assertThat(refused(scenario, "dormouse call spin --timeout 0.6"))
          .contains("ended since it took too long");
      assertThat(refused(scenario, "dormouse call null")).contains("which is not mapped");
      guest.check(scenario);
    }
    bed.tidy(folder);
  }

  /** What it printed; it has to succeed. */
  private static String run(Scenario scenario, String command) throws Exception {
    return scenario.shell().check(command, LONG);
  }

  /** What it printed; it must not succeed, and the machine goes on. */
  private static String refused(Scenario scenario, String command) throws Exception {
    CommandResult result = scenario.shell().run(command, LONG);
    assertThat(result.succeeded()).as(command + ": " + result.output()).isFalse();
    return result.output();
  }
}
