package org.dormouse.machine;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.dormouse.linux.AcpiRoot;
import org.dormouse.linux.CommandLine;
import org.dormouse.linux.EfiRuntimeMap;
import org.dormouse.linux.FirmwareMemoryMap;
import org.dormouse.linux.IoMemory;
import org.dormouse.linux.KernelConfig;
import org.dormouse.linux.KernelHibernation;
import org.dormouse.linux.KernelIdentity;
import org.dormouse.linux.Kexec;
import org.dormouse.linux.KexecLoadCounter;
import org.dormouse.linux.MemoryInfo;
import org.dormouse.linux.Processor;
import org.dormouse.linux.SharedMemoryLimit;
import org.dormouse.linux.VmcoreInfoNote;
import org.dormouse.linux.Watchdog;

/**
 * What is seen of the running machine before it sleeps: the input of every check and plan.
 *
 * @param kernel the running kernel
 * @param ioMemory the memory map
 * @param memory how much memory is free
 * @param processor what the processors can do
 * @param firmware what the firmware has told the kernel
 * @param kexec whether kexec may be used
 * @param watchdogs the watchdog timers
 */
public record MachineFacts(
    KernelFacts kernel,
    IoMemory ioMemory,
    MemoryInfo memory,
    Processor processor,
    FirmwareFacts firmware,
    KexecFacts kexec,
    List<Watchdog> watchdogs) {
  /**
   * The running kernel.
   *
   * @param identity which one it is
   * @param config what it was built with, if that can be known
   * @param commandLine what it was started with
   * @param vmcoreInfo where it describes itself, if it does
   * @param sharedMemory how large System V shared memory may be, if it has any
   * @param hibernation whether it would let itself be hibernated by its own means
   */
  public record KernelFacts(
      KernelIdentity identity,
      Optional<KernelConfig> config,
      CommandLine commandLine,
      Optional<VmcoreInfoNote> vmcoreInfo,
      Optional<SharedMemoryLimit> sharedMemory,
      KernelHibernation hibernation) {
    static KernelFacts observe() throws IOException {
      KernelIdentity identity = KernelIdentity.running();
      return new KernelFacts(
          identity,
          KernelConfig.running(identity),
          CommandLine.running(),
          VmcoreInfoNote.read(),
          SharedMemoryLimit.read(),
          KernelHibernation.read());
    }

    /** Whether the option {@code name} is known to be on. */
    boolean has(String name) {
      return config.map(known -> known.has(name)).orElse(false);
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

  /**
   * What the firmware has told the kernel.
   *
   * @param memoryMap its memory map
   * @param efi where its runtime services are mapped
   * @param acpiRoot the physical address of the ACPI root pointer, 0 if a BIOS has it
   */
  public record FirmwareFacts(FirmwareMemoryMap memoryMap, EfiRuntimeMap efi, long acpiRoot) {
    static FirmwareFacts observe() throws IOException {
      return new FirmwareFacts(FirmwareMemoryMap.read(), EfiRuntimeMap.read(), AcpiRoot.address());
    }
  }

  /** Which kexec image is loaded. */
  public enum LoadedImage {
    /** None. */
    NONE,
    /** Our saver, which can be jumped into. */
    OURS,
    /** Our saver, which was jumped into and does not wait any more: to be loaded anew. */
    SPENT,
    /** Several kernels of ours that take turns with this one. */
    KERNELS,
    /** Somebody else's. */
    ANOTHER
  }

  /**
   * Whether kexec may be used, and for what.
   *
   * @param supported whether the kernel has {@code kexec_load}
   * @param disabled whether {@code kernel.kexec_load_disabled} is set
   * @param lockdown the kernel's lockdown mode
   * @param loaded what is loaded already
   * @param preserveContext whether the kernel can be jumped back to; false also where that could
   *     not be asked
   * @param loadsLeft how often it may still be loaded, if there is a limit
   */
  public record KexecFacts(
      boolean supported,
      boolean disabled,
      String lockdown,
      LoadedImage loaded,
      boolean preserveContext,
      OptionalLong loadsLeft) {
    /** Asks the kernel to load nothing, which counts as a load, unless something is loaded. */
    static KexecFacts observe(LoadedImage ifLoaded) throws IOException {
      boolean supported = Kexec.isSupported();
      boolean disabled = supported && Kexec.isDisabled();
      LoadedImage loaded = supported && Kexec.isLoaded() ? ifLoaded : LoadedImage.NONE;
      String lockdown = Kexec.lockdown();
      OptionalLong left = KexecLoadCounter.read();
      boolean askable =
          supported
              && !disabled
              && loaded == LoadedImage.NONE
              && lockdown.equals("none")
              && left.orElse(1) > 0;
      return new KexecFacts(
          supported,
          disabled,
          lockdown,
          loaded,
          askable
              ? Kexec.canPreserveContext()
              : loaded != LoadedImage.NONE && loaded != LoadedImage.ANOTHER,
          left);
    }
  }

  /** Copies the list. */
  public MachineFacts {
    watchdogs = List.copyOf(watchdogs);
  }

  /**
   * Looks at the running machine. Needs root. Changes nothing, but that the kernel's count of kexec
   * loads goes down by one if nothing is loaded.
   *
   * @param ifLoaded whose image it is, if one is loaded
   */
  public static MachineFacts observe(LoadedImage ifLoaded) throws IOException {
    return new MachineFacts(
        KernelFacts.observe(),
        IoMemory.read(),
        MemoryInfo.read(),
        Processor.read(),
        FirmwareFacts.observe(),
        KexecFacts.observe(ifLoaded),
        Watchdog.all());
  }

  /** What of this machine must be the same when the image is woken. */
  public Hardware hardware() {
    return new Hardware(processor, firmware.memoryMap(), firmware.efi());
  }
}
