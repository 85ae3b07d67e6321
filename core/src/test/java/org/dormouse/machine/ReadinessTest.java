package org.dormouse.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.dormouse.linux.CommandLine;
import org.dormouse.linux.IoMemory;
import org.dormouse.linux.KernelConfig;
import org.dormouse.linux.KernelIdentity;
import org.dormouse.linux.MemoryInfo;
import org.dormouse.linux.Processor;
import org.dormouse.linux.VmcoreInfoNote;
import org.dormouse.machine.Finding.Verdict;
import org.dormouse.machine.MachineFacts.KexecFacts;
import org.dormouse.memory.MemoryMap;
import org.junit.jupiter.api.Test;

class ReadinessTest {
  private static final KexecFacts GOOD = new KexecFacts(true, false, "none", false, true);
  private static final Set<String> OPTIONS =
      Set.of(
          "KEXEC",
          "KEXEC_JUMP",
          "CRASH_DUMP",
          "PROC_VMCORE",
          "RELOCATABLE",
          "BLK_DEV_INITRD",
          "RD_ZSTD",
          "PROC_PAGE_MONITOR");

  @Test
  void aMachineWithEverythingIsReady() {
    assertThat(Readiness.isReady(Readiness.of(machine(GOOD, OPTIONS)))).isTrue();
  }

  @Test
  void eachHindranceIsNamedWithARemedy() {
    expectBad(machine(new KexecFacts(false, false, "none", false, false), OPTIONS), "kexec");
    expectBad(machine(new KexecFacts(true, true, "none", false, false), OPTIONS), "kexec");
    expectBad(machine(new KexecFacts(true, false, "none", true, false), OPTIONS), "kexec");
    expectBad(machine(new KexecFacts(true, false, "integrity", false, false), OPTIONS), "lockdown");
    expectBad(machine(new KexecFacts(true, false, "none", false, false), OPTIONS), "kexec jump");
    expectBad(machine(GOOD, without("PROC_VMCORE")), "saver kernel");
    expectBad(machine(GOOD, without("PROC_PAGE_MONITOR")), "resume kernel");
  }

  @Test
  void aKernelWithoutKexecJumpIsToldFromOneThatDoesNotTakeItNow() {
    KexecFacts none = new KexecFacts(true, false, "none", false, false);
    assertThat(named(Readiness.of(machine(none, without("KEXEC_JUMP"))), "kexec jump").seen())
        .contains("built without CONFIG_KEXEC_JUMP");
  }

  @Test
  void anUnknownConfigurationIsAWarningOnly() {
    MachineFacts known = machine(GOOD, OPTIONS);
    MachineFacts unknown =
        new MachineFacts(
            known.kernel(),
            Optional.empty(),
            known.commandLine(),
            known.ioMemory(),
            known.memory(),
            known.processor(),
            known.vmcoreInfo(),
            0,
            GOOD);
    assertThat(Readiness.isReady(Readiness.of(unknown))).isTrue();
    assertThat(named(Readiness.of(unknown), "saver kernel").verdict()).isEqualTo(Verdict.WARNING);
  }

  private static void expectBad(MachineFacts machine, String name) {
    List<Finding> findings = Readiness.of(machine);
    assertThat(Readiness.isReady(findings)).isFalse();
    Finding finding = named(findings, name);
    assertThat(finding.verdict()).as(name).isEqualTo(Verdict.BAD);
    assertThat(finding.remedy()).as(name).isNotEmpty();
  }

  private static Finding named(List<Finding> findings, String name) {
    return findings.stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow();
  }

  private static Set<String> without(String option) {
    return OPTIONS.stream()
        .filter(each -> !each.equals(option))
        .collect(java.util.stream.Collectors.toSet());
  }

  private static MachineFacts machine(KexecFacts kexec, Set<String> options) {
    return new MachineFacts(
        new KernelIdentity("6.12.0", ""),
        Optional.of(new KernelConfig(options)),
        CommandLine.parse("quiet"),
        new IoMemory(new MemoryMap(List.of()), List.of()),
        new MemoryInfo(1L << 30, 1L << 29, 1L << 29),
        new Processor(2, Set.of()),
        Optional.of(new VmcoreInfoNote(0x1000, 0x1000)),
        0,
        kexec);
  }
}
