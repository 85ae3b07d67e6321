package org.dormouse.machine;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.dormouse.linux.AcpiRoot;
import org.dormouse.linux.CommandLine;
import org.dormouse.linux.IoMemory;
import org.dormouse.linux.KernelConfig;
import org.dormouse.linux.KernelIdentity;
import org.dormouse.linux.Kexec;
import org.dormouse.linux.MemoryInfo;
import org.dormouse.linux.Processor;
import org.dormouse.linux.VmcoreInfoNote;

/**
 * What is seen of the running machine before it sleeps: the input of every check and plan.
 *
 * @param kernel which kernel runs
 * @param config what it was built with, if that can be known
 * @param commandLine what it was started with
 * @param ioMemory the memory map
 * @param memory how much memory is free
 * @param processor what the processors can do
 * @param vmcoreInfo where the kernel describes itself, if it does
 * @param acpiRoot the physical address of the ACPI root pointer, 0 if a BIOS has it
 * @param kexec whether kexec may be used
 */
public record MachineFacts(
    KernelIdentity kernel,
    Optional<KernelConfig> config,
    CommandLine commandLine,
    IoMemory ioMemory,
    MemoryInfo memory,
    Processor processor,
    Optional<VmcoreInfoNote> vmcoreInfo,
    long acpiRoot,
    KexecFacts kexec) {
  /**
   * Whether kexec may be used, and for what.
   *
   * @param supported whether the kernel has {@code kexec_load}
   * @param disabled whether {@code kernel.kexec_load_disabled} is set
   * @param lockdown the kernel's lockdown mode
   * @param loaded whether an image is loaded already
   * @param preserveContext whether the kernel can be jumped back to; false also where that could
   *     not be asked
   */
  public record KexecFacts(
      boolean supported,
      boolean disabled,
      String lockdown,
      boolean loaded,
      boolean preserveContext) {
    static KexecFacts observe() throws IOException {
      boolean supported = Kexec.isSupported();
      boolean disabled = supported && Kexec.isDisabled();
      boolean loaded = supported && Kexec.isLoaded();
      String lockdown = Kexec.lockdown();
      boolean askable = supported && !disabled && !loaded && lockdown.equals("none");
      return new KexecFacts(
          supported, disabled, lockdown, loaded, askable && Kexec.canPreserveContext());
    }
  }

  /** Looks at the running machine. Needs root. Changes nothing. */
  public static MachineFacts observe() throws IOException {
    KernelIdentity kernel = KernelIdentity.running();
    return new MachineFacts(
        kernel,
        KernelConfig.running(kernel),
        CommandLine.running(),
        IoMemory.read(),
        MemoryInfo.read(),
        Processor.read(),
        VmcoreInfoNote.read(),
        AcpiRoot.address(),
        KexecFacts.observe());
  }

  /** Whether the option {@code name} is known to be off. */
  boolean lacks(String name) {
    return config.map(known -> !known.has(name)).orElse(false);
  }

  /** Of {@code names}, those that are known to be off. */
  List<String> lacking(List<String> names) {
    return names.stream().filter(this::lacks).toList();
  }
}
