package org.dormouse.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.dormouse.linux.CommandLine;
import org.dormouse.linux.EfiRuntimeMap;
import org.dormouse.linux.FirmwareMemoryMap;
import org.dormouse.linux.IoMemory;
import org.dormouse.linux.IoMemory.AddedMemory;
import org.dormouse.linux.KernelConfig;
import org.dormouse.linux.KernelHibernation;
import org.dormouse.linux.KernelIdentity;
import org.dormouse.linux.MemoryInfo;
import org.dormouse.linux.Processor;
import org.dormouse.linux.SharedMemoryLimit;
import org.dormouse.linux.VmcoreInfoNote;
import org.dormouse.linux.Watchdog;
import org.dormouse.linux.Watchdog.State;
import org.dormouse.machine.Finding.Verdict;
import org.dormouse.machine.MachineFacts.FirmwareFacts;
import org.dormouse.machine.MachineFacts.KernelFacts;
import org.dormouse.machine.MachineFacts.KexecFacts;
import org.dormouse.machine.MachineFacts.LoadedImage;
import org.dormouse.memory.MemoryMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReadinessTest {
  /** A machine as it should be; each test spoils one thing. */
  private static final class Machine {
    private final Set<String> options =
        new HashSet<>(
            Set.of(
                "KEXEC",
                "KEXEC_JUMP",
                "CRASH_DUMP",
                "DEVMEM",
                "RELOCATABLE",
                "BLK_DEV_INITRD",
                "RD_ZSTD",
                "FIRMWARE_MEMMAP",
                "SYSVIPC"));
    private String commandLine = "quiet dormouse.resume=/dev/vdb";
    private Optional<VmcoreInfoNote> vmcoreInfo = Optional.of(new VmcoreInfoNote(0x1000, 0x1000));
    private Optional<SharedMemoryLimit> sharedMemory = Optional.of(new SharedMemoryLimit(-1));
    private KernelHibernation hibernation = KernelHibernation.AVAILABLE;
    private List<AddedMemory> added = List.of();
    private long corrupted;
    private Set<String> flags = Set.of("lm");
    private FirmwareMemoryMap map =
        new FirmwareMemoryMap(List.of(new FirmwareMemoryMap.Entry(0, 0x1000, "System RAM")));
    private KexecFacts kexec = kexec("none", LoadedImage.NONE);
    private List<Watchdog> watchdogs = List.of();

    private MachineFacts facts() {
      return new MachineFacts(
          new KernelFacts(
              new KernelIdentity("6.12.0", ""),
              Optional.of(new KernelConfig(options)),
              CommandLine.parse(commandLine),
              vmcoreInfo,
              sharedMemory,
              hibernation),
          new IoMemory(new MemoryMap(List.of()), List.of(), added, OptionalLong.empty()),
          new MemoryInfo(
              1L << 30,
              1L << 29,
              1L << 29,
              new MemoryInfo.Use(0, 0, 0, 0, 0, 0),
              new MemoryInfo.Swap(0, 0),
              corrupted),
          new Processor(2, new Processor.Model("GenuineIntel", 6, 1, 1), OptionalInt.of(0), flags),
          new FirmwareFacts(map, new EfiRuntimeMap(List.of()), 0),
          kexec,
          watchdogs);
    }

    private void expect(Verdict verdict, String name) {
      List<Finding> findings = Readiness.of(facts());
      Finding finding =
          findings.stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow();
      assertThat(finding.verdict()).as(finding.toString()).isEqualTo(verdict);
      assertThat(finding.remedy().isEmpty()).isEqualTo(verdict == Verdict.GOOD);
      assertThat(Readiness.isReady(findings)).isEqualTo(verdict != Verdict.BAD);
      assertThat(findings.stream().filter(each -> each.verdict() != Verdict.GOOD))
          .hasSize(verdict == Verdict.GOOD ? 0 : 1);
    }
  }

  private static KexecFacts kexec(String lockdown, LoadedImage loaded) {
    return new KexecFacts(true, false, lockdown, loaded, true, OptionalLong.empty());
  }

  private final Machine machine = new Machine();

  @Test
  void aJumpWithoutASaverAsksForLess() {
    machine.options.removeAll(Set.of("SYSVIPC", "RELOCATABLE", "FIRMWARE_MEMMAP", "DEVMEM"));
    machine.sharedMemory = Optional.empty();
    machine.hibernation = KernelHibernation.REFUSED;
    assertThat(Readiness.isReady(Readiness.of(machine.facts()))).isFalse();
    assertThat(Readiness.isReady(Readiness.forJump(machine.facts()))).isTrue();
    machine.kexec = kexec("integrity", LoadedImage.NONE);
    assertThat(Readiness.isReady(Readiness.forJump(machine.facts()))).isFalse();
    machine.kexec = kexec("none", LoadedImage.ANOTHER);
    assertThat(Readiness.isReady(Readiness.forJump(machine.facts()))).isFalse();
  }

  @Test
  void aMachineWithEverythingHasNoFault() {
    assertThat(Readiness.of(machine.facts()))
        .allMatch(finding -> finding.verdict() == Verdict.GOOD);
  }

  @ParameterizedTest
  @EnumSource(LoadedImage.class)
  void onlySomebodyElsesImageIsInTheWay(LoadedImage loaded) {
    machine.kexec = kexec("none", loaded);
    boolean inTheWay = loaded == LoadedImage.ANOTHER || loaded == LoadedImage.KERNELS;
    machine.expect(inTheWay ? Verdict.BAD : Verdict.GOOD, "kexec");
  }

  @Test
  void kexecThatMayNotBeUsedIsNamed() {
    machine.kexec =
        new KexecFacts(true, true, "none", LoadedImage.NONE, true, OptionalLong.empty());
    machine.expect(Verdict.BAD, "kexec");
    machine.kexec = new KexecFacts(true, false, "none", LoadedImage.NONE, true, OptionalLong.of(0));
    machine.expect(Verdict.BAD, "kexec");
    machine.kexec =
        new KexecFacts(false, false, "none", LoadedImage.NONE, true, OptionalLong.empty());
    machine.expect(Verdict.BAD, "kexec");
    machine.kexec = kexec("integrity", LoadedImage.NONE);
    machine.expect(Verdict.BAD, "lockdown");
    machine.kexec =
        new KexecFacts(true, false, "none", LoadedImage.NONE, false, OptionalLong.empty());
    machine.expect(Verdict.BAD, "kexec jump");
  }

  @Test
  void aKernelWithoutKexecJumpIsToldFromOneThatDoesNotTakeItNow() {
    machine.options.remove("KEXEC_JUMP");
    machine.expect(Verdict.WARNING, "warm saver");
    machine.kexec =
        new KexecFacts(true, false, "none", LoadedImage.NONE, false, OptionalLong.empty());
    assertThat(Readiness.of(machine.facts()))
        .anyMatch(
            finding ->
                finding.seen().contains("built without CONFIG_KEXEC_JUMP")
                    && finding.remedy().contains("dormouse kernel build"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "KEXEC",
        "CRASH_DUMP",
        "DEVMEM",
        "RELOCATABLE",
        "BLK_DEV_INITRD",
        "RD_ZSTD",
        "FIRMWARE_MEMMAP"
      })
  void whatTheSaverNeedsIsNamed(String option) {
    machine.options.remove(option);
    machine.expect(Verdict.BAD, "saver kernel");
    assertThat(Readiness.of(machine.facts()))
        .anyMatch(finding -> finding.remedy().equals("build it with CONFIG_" + option + "=y"));
  }

  @Test
  void whatTheSaverDoesNotNeedMayBeMissing() {
    assertThat(machine.options).doesNotContain("PROC_VMCORE", "PROC_PAGE_MONITOR");
    machine.expect(Verdict.GOOD, "saver kernel");
  }

  @Test
  void aMachineWhoseOptionsAreUnknownIsWarnedOnly() {
    KernelFacts known = machine.facts().kernel();
    MachineFacts facts = machine.facts();
    MachineFacts unknown =
        new MachineFacts(
            new KernelFacts(
                known.identity(),
                Optional.empty(),
                known.commandLine(),
                known.vmcoreInfo(),
                known.sharedMemory(),
                known.hibernation()),
            facts.ioMemory(),
            facts.memory(),
            facts.processor(),
            facts.firmware(),
            facts.kexec(),
            facts.watchdogs());
    assertThat(Readiness.of(unknown))
        .filteredOn(finding -> finding.verdict() != Verdict.GOOD)
        .singleElement()
        .matches(finding -> finding.verdict() == Verdict.WARNING)
        .matches(finding -> finding.name().equals("saver kernel"));
  }

  @Test
  void withoutSharedMemoryTheSaverCannotBeTold() {
    machine.sharedMemory = Optional.of(new SharedMemoryLimit(64 * 4096));
    machine.expect(Verdict.GOOD, "shared memory");
    machine.sharedMemory = Optional.of(new SharedMemoryLimit(64 * 4096 - 1));
    machine.expect(Verdict.BAD, "shared memory");
    machine.sharedMemory = Optional.empty();
    machine.expect(Verdict.BAD, "shared memory");
  }

  @Test
  void withoutVmcoreInfoEverythingIsSaved() {
    machine.vmcoreInfo = Optional.empty();
    machine.expect(Verdict.WARNING, "self-description");
  }

  @Test
  void poisonedMemoryIsNotRead() {
    machine.corrupted = 4096;
    machine.expect(Verdict.BAD, "memory");
  }

  @Test
  void addedMemoryIsRefused() {
    machine.added = List.of(new AddedMemory(1L << 32, 1L << 33, "System RAM (kmem)"));
    machine.expect(Verdict.BAD, "memory map");
  }

  @Test
  void anUnknownFirmwareMapIsAWarning() {
    machine.map = new FirmwareMemoryMap(List.of());
    machine.expect(Verdict.WARNING, "firmware's memory map");
  }

  @Test
  void encryptedMemoryIsRefusedWhereItIsInUse() {
    machine.flags = Set.of("sme", "sev", "sev_es");
    machine.expect(Verdict.GOOD, "memory encryption");
    machine.commandLine = "mem_encrypt=on";
    machine.expect(Verdict.BAD, "memory encryption");
    machine.commandLine = "quiet";
    machine.options.add("AMD_MEM_ENCRYPT_ACTIVE_BY_DEFAULT");
    machine.expect(Verdict.BAD, "memory encryption");
    machine.commandLine = "mem_encrypt=off";
    machine.expect(Verdict.GOOD, "memory encryption");
    machine.flags = Set.of("hypervisor", "sev_snp");
    machine.expect(Verdict.BAD, "memory encryption");
    machine.flags = Set.of("hypervisor", "tdx_guest");
    machine.expect(Verdict.BAD, "memory encryption");
  }

  @Test
  void secretMemoryIsRefusedUnlessTheKernelHasAnotherReason() {
    machine.hibernation = KernelHibernation.REFUSED;
    machine.expect(Verdict.BAD, "secret memory");
    machine.commandLine = "nohibernate";
    machine.expect(Verdict.GOOD, "secret memory");
    machine.commandLine = "hibernate=no";
    machine.expect(Verdict.GOOD, "secret memory");
  }

  @Test
  void aRunningHardwareWatchdogIsRefused() {
    machine.watchdogs =
        List.of(
            new Watchdog("watchdog0", "Software Watchdog", State.ACTIVE, false),
            new Watchdog("watchdog1", "iTCO_wdt", State.INACTIVE, false));
    machine.expect(Verdict.GOOD, "watchdog");
    machine.watchdogs = List.of(new Watchdog("watchdog0", "iTCO_wdt", State.ACTIVE, true));
    machine.expect(Verdict.BAD, "watchdog");
    machine.watchdogs = List.of(new Watchdog("watchdog0", "", State.UNKNOWN, false));
    machine.expect(Verdict.WARNING, "watchdog");
  }
}
