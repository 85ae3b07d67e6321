package org.dormouse.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.dormouse.linux.Bios;
import org.dormouse.linux.CommandLine;
import org.dormouse.linux.EfiRuntimeMap;
import org.dormouse.linux.FirmwareMemoryMap;
import org.dormouse.linux.IoMemory;
import org.dormouse.linux.KernelConfig;
import org.dormouse.linux.KernelHibernation;
import org.dormouse.linux.KernelIdentity;
import org.dormouse.linux.MemoryInfo;
import org.dormouse.linux.Processor;
import org.dormouse.linux.SuspendToRam;
import org.dormouse.linux.Watchdog;
import org.dormouse.machine.Finding.Verdict;
import org.dormouse.memory.MemoryMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class UsesTest {
  private static final SuspendToRam DEEP = new SuspendToRam("freeze mem disk", "s2idle [deep]");

  private static List<Finding> of(String release, Set<String> options, Watchdog... watchdogs) {
    return of(release, options, DEEP, Bios.Presence.ANSWERS, watchdogs);
  }

  private static List<Finding> of(
      String release,
      Set<String> options,
      SuspendToRam suspend,
      Bios.Presence bios,
      Watchdog... watchdogs) {
    MachineFacts machine =
        new MachineFacts(
            new MachineFacts.KernelFacts(
                new KernelIdentity(release, ""),
                Optional.of(new KernelConfig(options)),
                CommandLine.parse(""),
                Optional.empty(),
                Optional.empty(),
                KernelHibernation.AVAILABLE),
            new IoMemory(new MemoryMap(List.of()), List.of(), List.of(), OptionalLong.empty()),
            new MemoryInfo(
                1, 1, 1, new MemoryInfo.Use(0, 0, 0, 0, 0, 0), new MemoryInfo.Swap(0, 0), 0),
            new Processor(
                1, new Processor.Model("GenuineIntel", 6, 1, 1), OptionalInt.of(0), Set.of()),
            new MachineFacts.FirmwareFacts(
                new FirmwareMemoryMap(List.of()), new EfiRuntimeMap(List.of()), 0),
            new MachineFacts.KexecFacts(
                true, false, "none", MachineFacts.LoadedImage.NONE, true, OptionalLong.empty()),
            List.of(watchdogs));
    return Uses.of(machine, suspend, bios);
  }

  private static Finding named(List<Finding> findings, String name) {
    return findings.stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow();
  }

  @ParameterizedTest
  @CsvSource({
    "6.0.12, WARNING",
    "5.19.0-rc1, WARNING",
    "6.1.192, GOOD",
    "6.12.117+deb13-amd64, GOOD",
    "7.2.13, GOOD",
    "7.3-rc1, WARNING",
    "7.20.1, WARNING",
    "unreadable, WARNING"
  })
  void aKernelThatNobodyTriedIsNamed(String release, Verdict verdict) {
    Finding finding = named(of(release, Set.of("PSTORE_RAM")), "kernel");
    assertThat(finding.verdict()).isEqualTo(verdict);
    assertThat(finding.seen()).contains(release);
  }

  @Test
  void aKernelThatKeepsNoLogOfAPanicIsNamed() {
    assertThat(named(of("6.12.1", Set.of()), "panic of a saver").remedy())
        .contains("CONFIG_PSTORE_RAM");
    assertThat(named(of("6.12.1", Set.of("PSTORE_RAM")), "panic of a saver").verdict())
        .isEqualTo(Verdict.GOOD);
  }

  @Test
  void whatCouldEndAHangIsNamed() {
    Watchdog idle = new Watchdog("watchdog0", "iTCO_wdt", Watchdog.State.INACTIVE, false);
    Watchdog running = new Watchdog("watchdog0", "iTCO_wdt", Watchdog.State.ACTIVE, false);
    assertThat(named(of("6.12.1", Set.of(), idle), "hang of a saver").seen())
        .contains("iTCO_wdt watches over it");
    assertThat(named(of("6.12.1", Set.of(), running), "hang of a saver").seen())
        .contains("no hardware watchdog");
  }

  @ParameterizedTest
  @EnumSource(Bios.Presence.class)
  void nothingOfItHinders(Bios.Presence bios) {
    List<Finding> findings = of("4.19", Set.of(), new SuspendToRam("freeze", "[s2idle]"), bios);
    assertThat(Readiness.isReady(findings)).isTrue();
    assertThat(named(findings, "suspend to RAM").seen()).contains("not on this machine");
    assertThat(named(findings, "BIOS").seen().contains("can be called"))
        .isEqualTo(bios == Bios.Presence.ANSWERS || bios == Bios.Presence.ASSUMED);
  }
}
