package org.dormouse.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.dormouse.linux.EfiRuntimeMap;
import org.dormouse.linux.FirmwareMemoryMap;
import org.dormouse.linux.Processor;
import org.dormouse.linux.Processor.Model;
import org.dormouse.machine.Finding.Verdict;
import org.dormouse.text.KeyValues;
import org.junit.jupiter.api.Test;

class HardwareTest {
  private static final Model MODEL = new Model("AuthenticAMD", 25, 33, 2);
  private static final Hardware MACHINE =
      hardware(
          MODEL,
          Set.of("lm", "avx2", "la57"),
          List.of("0x0 0x9fc00 System RAM", "0x100000 0x40000000 System RAM"),
          List.of("0x1000 0xfffffffe00001000 0x10 0x5 0x8000000000000001"));

  private static Hardware hardware(
      Model model, Set<String> flags, List<String> memory, List<String> efi) {
    return new Hardware(
        new Processor(4, model, OptionalInt.of(0), flags),
        FirmwareMemoryMap.parse(memory),
        EfiRuntimeMap.parse(efi));
  }

  private static List<Finding> faults(Hardware waking) {
    return MACHINE.compareWith(waking).stream()
        .filter(finding -> finding.verdict() != Verdict.GOOD)
        .toList();
  }

  private static Finding fault(Hardware waking) {
    List<Finding> faults = faults(waking);
    assertThat(faults).hasSize(1);
    assertThat(faults.getFirst().remedy()).isNotEmpty();
    return faults.getFirst();
  }

  @Test
  void survivesBeingText() {
    assertThat(Hardware.parse(KeyValues.parse(MACHINE.text().toString()))).isEqualTo(MACHINE);
    Hardware bare =
        new Hardware(
            new Processor(1, new Model("", -1, -1, -1), OptionalInt.empty(), Set.of()),
            new FirmwareMemoryMap(List.of()),
            new EfiRuntimeMap(List.of()));
    assertThat(Hardware.parse(KeyValues.parse(bare.text().toString()))).isEqualTo(bare);
  }

  @Test
  void theSameMachineHasNoFault() {
    assertThat(faults(MACHINE)).isEmpty();
  }

  @Test
  void missingFeaturesAreNamedAndMoreDoNoHarm() {
    Hardware smaller =
        new Hardware(
            new Processor(4, MODEL, OptionalInt.of(0), Set.of("lm")),
            MACHINE.memoryMap(),
            MACHINE.efi());
    Finding fault = fault(smaller);
    assertThat(fault.verdict()).isEqualTo(Verdict.BAD);
    // la57 is how the kernel was started: it is not missing.
    assertThat(fault.seen()).isEqualTo("this processor lacks avx2");
    assertThat(smaller.compareWith(MACHINE)).allMatch(each -> each.verdict() == Verdict.GOOD);
  }

  @Test
  void anotherModelIsRefusedAnotherSteppingIsNot() {
    assertThat(fault(withModel(new Model("AuthenticAMD", 25, 80, 2))).verdict())
        .isEqualTo(Verdict.BAD);
    assertThat(fault(withModel(new Model("GenuineIntel", 25, 33, 2))).seen())
        .contains("slept on AuthenticAMD family 25", "this is GenuineIntel");
    assertThat(fault(withModel(new Model("AuthenticAMD", 25, 33, 0))).verdict())
        .isEqualTo(Verdict.WARNING);
  }

  private static Hardware withModel(Model model) {
    return new Hardware(
        new Processor(4, model, OptionalInt.of(0), MACHINE.processor().flags()),
        MACHINE.memoryMap(),
        MACHINE.efi());
  }

  @Test
  void theFirstDifferenceOfTheMemoryMapIsTold() {
    Finding fault =
        fault(
            new Hardware(
                MACHINE.processor(),
                FirmwareMemoryMap.parse(
                    List.of("0x0 0x9fc00 System RAM", "0x100000 0x80000000 System RAM")),
                MACHINE.efi()));
    assertThat(fault.verdict()).isEqualTo(Verdict.BAD);
    assertThat(fault.seen())
        .isEqualTo(
            "first difference: was '0x100000 0x40000000 System RAM', is"
                + " '0x100000 0x80000000 System RAM'");
    assertThat(
            fault(
                    new Hardware(
                        MACHINE.processor(),
                        FirmwareMemoryMap.parse(
                            List.of("0x0 0x9fc00 System RAM", "0xf0000 0x100000 Reserved")),
                        MACHINE.efi()))
                .seen())
        .endsWith("is nothing more");
  }

  /** As GRUB gave it under OVMF, and as kexec-tools passed it on. */
  @Test
  void aTypeThatKexecToolsDoNotKnowIsReserved() {
    List<String> byGrub =
        List.of(
            "0x100000 0x3f4ec000 System RAM",
            "0x3f4ec000 0x3f5ec000 Reserved",
            "0x3f5ec000 0x3f6ec000 Unknown E820 type",
            "0x3f6ec000 0x3f76c000 Reserved");
    List<String> byKexec =
        List.of("0x100000 0x3f4ec000 System RAM", "0x3f4ec000 0x3f76c000 Reserved");
    Hardware sleeping = hardware(MODEL, Set.of("lm"), byGrub, List.of());
    Hardware waking = hardware(MODEL, Set.of("lm"), byKexec, List.of());
    for (Hardware other : List.of(waking, sleeping)) {
      assertThat(sleeping.compareWith(other))
          .noneMatch(finding -> finding.verdict() == Verdict.BAD);
    }
  }

  @Test
  void anUnknownMemoryMapIsAWarning() {
    assertThat(
            fault(
                    new Hardware(
                        MACHINE.processor(), new FirmwareMemoryMap(List.of()), MACHINE.efi()))
                .verdict())
        .isEqualTo(Verdict.WARNING);
  }

  @Test
  void efiMustBeMappedWhereItWas() {
    assertThat(
            fault(
                    new Hardware(
                        MACHINE.processor(), MACHINE.memoryMap(), new EfiRuntimeMap(List.of())))
                .seen())
        .contains("now they are not");
    assertThat(
            fault(
                    new Hardware(
                        MACHINE.processor(),
                        MACHINE.memoryMap(),
                        EfiRuntimeMap.parse(
                            List.of("0x1000 0xfffffffe00002000 0x10 0x5 0x8000000000000001"))))
                .seen())
        .contains("0xfffffffe00002000");
  }
}
