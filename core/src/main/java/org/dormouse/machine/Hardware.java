package org.dormouse.machine;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.dormouse.linux.EfiRuntimeMap;
import org.dormouse.linux.FirmwareMemoryMap;
import org.dormouse.linux.Processor;
import org.dormouse.text.KeyValues;

/**
 * What of a machine must be the same when an image is woken as when it was made.
 *
 * @param processor what the processors can do
 * @param memoryMap the memory map as the firmware gave it
 * @param efi where the firmware's runtime services are mapped
 */
public record Hardware(Processor processor, FirmwareMemoryMap memoryMap, EfiRuntimeMap efi) {
  /** As lines of text, to travel in an image. */
  public KeyValues text() {
    Processor.Model model = processor.model();
    KeyValues text =
        KeyValues.empty()
            .with("cpus", processor.online())
            .with("cpu_vendor", model.vendor())
            .with("cpu_family", model.family())
            .with("cpu_model", model.number())
            .with("cpu_stepping", model.stepping())
            .with("cpu_flags", String.join(" ", new TreeSet<>(processor.flags())));
    if (processor.bootApicId().isPresent()) {
      text = text.with("boot_apic_id", processor.bootApicId().getAsInt());
    }
    for (String entry : memoryMap.canonical()) {
      text = text.with("firmware_memory", entry);
    }
    for (String entry : efi.canonical()) {
      text = text.with("efi_runtime", entry);
    }
    return text;
  }

  /**
   * Reads what {@link #text} writes.
   *
   * @throws IllegalArgumentException if it is not that
   */
  public static Hardware parse(KeyValues text) {
    String flags = text.text("cpu_flags");
    return new Hardware(
        new Processor(
            number(text, "cpus"),
            new Processor.Model(
                text.text("cpu_vendor"),
                number(text, "cpu_family"),
                number(text, "cpu_model"),
                number(text, "cpu_stepping")),
            text.find("boot_apic_id").isPresent()
                ? OptionalInt.of(number(text, "boot_apic_id"))
                : OptionalInt.empty(),
            flags.isEmpty() ? Set.of() : new TreeSet<>(List.of(flags.split(" ")))),
        FirmwareMemoryMap.parse(text.all("firmware_memory")),
        EfiRuntimeMap.parse(text.all("efi_runtime")));
  }

  private static int number(KeyValues text, String key) {
    try {
      return Math.toIntExact(text.number(key));
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(key + " is too large", e);
    }
  }

  /** How the machine that would wake the image stands to this one, which slept. */
  public List<Finding> compareWith(Hardware waking) {
    List<Finding> findings = new ArrayList<>();
    findings.addAll(ProcessorCheck.compare(processor, waking.processor));
    findings.add(FirmwareCheck.memoryMaps(memoryMap, waking.memoryMap));
    findings.add(FirmwareCheck.efi(efi, waking.efi));
    return findings;
  }
}
