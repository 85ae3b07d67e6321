package org.dormouse.machine;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.dormouse.linux.KernelHibernation;
import org.dormouse.linux.Watchdog;
import org.dormouse.machine.Finding.Verdict;
import org.dormouse.machine.MachineFacts.KernelFacts;
import org.dormouse.machine.MachineFacts.KexecFacts;
import org.dormouse.mailbox.Mailbox;
import org.dormouse.text.Quantity;

/**
 * Whether a machine can sleep, as far as its kernel and its settings go: a pure function of what
 * was seen.
 */
public final class Readiness {
  /**
   * What the saver needs of its kernel: to be loaded anywhere and to jump back, to reach the
   * original's memory and to compare the firmware's map of it, to unpack itself.
   */
  private static final List<String> SAVER_OPTIONS =
      List.of(
          "KEXEC",
          "CRASH_DUMP",
          "DEVMEM",
          "RELOCATABLE",
          "BLK_DEV_INITRD",
          "RD_ZSTD",
          "FIRMWARE_MEMMAP");

  /** The kernel command line's word for the store that an ordinary boot expects. */
  public static final String STORE_WORD = "dormouse.resume";

  /** Guests of a hypervisor that keeps their memory from itself, so far as Linux names them. */
  private static final Set<String> ENCRYPTED_GUEST = Set.of("sev", "sev_es", "sev_snp");

  private Readiness() {}

  /** Everything that was looked at, in the order in which a person would mend it. */
  public static List<Finding> of(MachineFacts machine) {
    KernelFacts kernel = machine.kernel();
    List<Finding> findings = new ArrayList<>();
    findings.add(kexec(machine.kexec()));
    findings.add(lockdown(machine.kexec()));
    findings.add(jump(machine));
    findings.add(options(kernel));
    findings.add(warmSaver(kernel));
    findings.add(sharedMemory(kernel));
    findings.add(vmcoreInfo(kernel));
    findings.add(memory(machine));
    findings.add(memoryMap(machine));
    findings.add(firmwareMap(machine));
    findings.add(encryption(machine));
    findings.add(secretMemory(machine));
    findings.add(watchdogs(machine.watchdogs()));
    return findings;
  }

  /**
   * What of it matters for a jump into something that is not a saver: nothing of this kernel is
   * saved, and nothing else has to wake.
   */
  public static List<Finding> forJump(MachineFacts machine) {
    return List.of(
        kexec(machine.kexec()),
        lockdown(machine.kexec()),
        jump(machine),
        memory(machine),
        encryption(machine),
        watchdogs(machine.watchdogs()));
  }

  /** What of it no setting of the machine's can mend but another kernel, or the firmware. */
  public static List<Finding> ofKernel(MachineFacts machine) {
    return List.of(
        kexec(machine.kexec()),
        lockdown(machine.kexec()),
        jump(machine),
        options(machine.kernel()),
        sharedMemory(machine.kernel()));
  }

  /** Whether nothing hinders. */
  public static boolean isReady(List<Finding> findings) {
    return findings.stream().noneMatch(finding -> finding.verdict() == Verdict.BAD);
  }

  private static Finding kexec(KexecFacts kexec) {
    String name = "kexec";
    if (!kexec.supported()) {
      return Finding.bad(
          name, "the kernel has no kexec", "run a kernel with CONFIG_KEXEC and CONFIG_KEXEC_JUMP");
    }
    if (kexec.disabled()) {
      return Finding.bad(
          name,
          "loading is switched off (kernel.kexec_load_disabled=1)",
          "it can only be switched on by a reboot: remove the setting from /etc/sysctl.d and reboot");
    }
    if (kexec.loadsLeft().orElse(1) == 0) {
      return Finding.bad(
          name,
          "no more loads are allowed (kernel.kexec_load_limit_reboot=0)",
          "the limit can only be lifted by a reboot: remove the setting from /etc/sysctl.d and"
              + " reboot");
    }
    return switch (kexec.loaded()) {
      case NONE -> Finding.good(name, "may be used");
      case OURS -> Finding.good(name, "the saver is loaded");
      case SPENT -> Finding.good(name, "a saver that was used up is loaded, and will be replaced");
      case KERNELS ->
          Finding.bad(
              name,
              "other kernels are loaded, and Linux has one place for them and for all else",
              "'dormouse kernel list' tells of them; 'dormouse kernel remove --all' ends them");
      case ANOTHER -> Finding.bad(name, "another kexec image is loaded", "unload it: kexec -u");
    };
  }

  private static Finding lockdown(KexecFacts kexec) {
    return kexec.lockdown().equals("none")
        ? Finding.good("lockdown", "none")
        : Finding.bad(
            "lockdown",
            "the kernel is locked down (" + kexec.lockdown() + "), so it takes no unsigned kernel",
            "switch Secure Boot off in the firmware's settings, or boot without lockdown=; with Secure"
                + " Boot on there is no way: what is jumped into is signed by nobody");
  }

  private static Finding jump(MachineFacts machine) {
    if (machine.kexec().preserveContext()) {
      return Finding.good("kexec jump", "the kernel can be jumped back to");
    }
    return machine.kernel().lacks("KEXEC_JUMP")
        ? Finding.bad(
            "kexec jump",
            "kernel "
                + machine.kernel().identity().release()
                + " was built without CONFIG_KEXEC_JUMP",
            "on Debian: 'dormouse kernel build' builds Debian's own kernel with it, as a package; the"
                + " stock kernels of Fedora, Ubuntu, Arch and NixOS have it")
        : Finding.bad(
            "kexec jump",
            "the kernel does not take KEXEC_PRESERVE_CONTEXT now",
            "mend what is named above; else build the kernel with CONFIG_KEXEC_JUMP=y");
  }

  private static Finding options(KernelFacts kernel) {
    String name = "saver kernel";
    if (kernel.config().isEmpty()) {
      return Finding.warning(
          name,
          "this kernel's options cannot be read",
          "build it with CONFIG_IKCONFIG_PROC=y, or put its config into /boot");
    }
    List<String> missing = kernel.lacking(SAVER_OPTIONS);
    return missing.isEmpty()
        ? Finding.good(name, "has " + String.join(", ", SAVER_OPTIONS))
        : Finding.bad(
            name,
            "the saver kernel is this same kernel and lacks " + String.join(", ", missing),
            "build it with "
                + missing.stream()
                    .map(option -> "CONFIG_" + option + "=y")
                    .collect(Collectors.joining(", ")));
  }

  private static Finding warmSaver(KernelFacts kernel) {
    return kernel.lacks("KEXEC_JUMP")
        ? Finding.warning(
            "warm saver",
            "the saver kernel has no CONFIG_KEXEC_JUMP, so it boots anew for each sleep",
            "build it with CONFIG_KEXEC_JUMP=y")
        : Finding.good("warm saver", "the saver can be kept for the next sleep");
  }

  private static Finding sharedMemory(KernelFacts kernel) {
    String name = "shared memory";
    long wanted = Mailbox.BYTES;
    if (kernel.sharedMemory().isEmpty()) {
      return Finding.bad(
          name,
          "the kernel has no System V shared memory, in which the saver is told what to do",
          "build it with CONFIG_SYSVIPC=y");
    }
    return kernel.sharedMemory().get().allows(wanted)
        ? Finding.good(name, "the saver can be told what to do")
        : Finding.bad(
            name,
            "a segment of " + Quantity.bytes(wanted) + " is more than kernel.shmmax allows",
            "set it: sysctl kernel.shmmax=" + wanted);
  }

  private static Finding vmcoreInfo(KernelFacts kernel) {
    return kernel.vmcoreInfo().isPresent()
        ? Finding.good("self-description", "the kernel has its VMCOREINFO note")
        : Finding.warning(
            "self-description",
            "the kernel has no VMCOREINFO note, so free memory is saved like all other",
            "build it with CONFIG_VMCORE_INFO=y (CRASH_DUMP and KEXEC bring it)");
  }

  private static Finding memory(MachineFacts machine) {
    long corrupted = machine.memory().hardwareCorrupted();
    return corrupted > 0
        ? Finding.bad(
            "memory",
            "the hardware has lost "
                + Quantity.bytes(corrupted)
                + " (HardwareCorrupted): to read them stops the machine",
            "reboot, and replace the memory if it happens again")
        : Finding.good(
            "memory",
            Quantity.bytes(machine.memory().total())
                + ", of which "
                + Quantity.bytes(machine.memory().free())
                + " are free");
  }

  private static Finding memoryMap(MachineFacts machine) {
    var added = machine.ioMemory().added();
    return added.isEmpty()
        ? Finding.good("memory map", "all memory was there at the start")
        : Finding.bad(
            "memory map",
            "memory was added after the start, which another kernel does not find: "
                + added.stream()
                    .map(
                        each ->
                            String.format(
                                "%s at 0x%x (%s)",
                                each.name(),
                                each.start(),
                                Quantity.bytes(each.end() - each.start())))
                    .collect(Collectors.joining(", ")),
            "take it out first (daxctl offline-memory; the hypervisor's balloon or virtio-mem"
                + " setting), or start without it");
  }

  private static Finding firmwareMap(MachineFacts machine) {
    return machine.firmware().memoryMap().entries().isEmpty()
        ? Finding.warning(
            "firmware's memory map",
            "is not known, so that a wake cannot tell whether memory was changed",
            "build the kernel with CONFIG_FIRMWARE_MEMMAP=y")
        : Finding.good("firmware's memory map", "will be compared when the machine wakes");
  }

  /**
   * Flags are those of {@code /proc/cpuinfo}: {@code sme} says that the firmware allows it, and the
   * kernel uses it if it was told so ({@code arch/x86/mm/mem_encrypt_identity.c}).
   */
  private static Finding encryption(MachineFacts machine) {
    String name = "memory encryption";
    Set<String> flags = machine.processor().flags();
    if (flags.contains("tdx_guest")) {
      return encrypted("this is an Intel TDX guest");
    }
    Optional<String> sev =
        flags.contains("hypervisor")
            ? ENCRYPTED_GUEST.stream().sorted().filter(flags::contains).findFirst()
            : Optional.empty();
    if (sev.isPresent()) {
      return encrypted("this is an AMD SEV guest (" + sev.get() + ")");
    }
    KernelFacts kernel = machine.kernel();
    boolean wanted =
        kernel
            .commandLine()
            .value("mem_encrypt")
            .map(word -> word.equals("on"))
            .orElse(kernel.has("AMD_MEM_ENCRYPT_ACTIVE_BY_DEFAULT"));
    return flags.contains("sme") && wanted
        ? encrypted("AMD SME is in use")
        : Finding.good(name, "not in use");
  }

  private static Finding encrypted(String seen) {
    return Finding.bad(
        "memory encryption",
        seen + ": what another kernel reads of this memory is not what was written",
        "start without it (mem_encrypt=off, or another kind of guest)");
  }

  private static Finding secretMemory(MachineFacts machine) {
    String name = "secret memory";
    KernelFacts kernel = machine.kernel();
    boolean toldNotTo =
        kernel.commandLine().has("nohibernate")
            || kernel.commandLine().value("hibernate").filter("no"::equals).isPresent()
            || !machine.kexec().lockdown().equals("none");
    return kernel.hibernation() == KernelHibernation.REFUSED && !toldNotTo
        ? Finding.bad(
            name,
            "the kernel refuses any hibernation: a program holds secret memory (memfd_secret), or a"
                + " CXL memory device is in use",
            "end that program, or boot with secretmem.enable=0; take the device out of use")
        : Finding.good(name, "none is known of");
  }

  private static Finding watchdogs(List<Watchdog> watchdogs) {
    String name = "watchdog";
    List<Watchdog> hardware = watchdogs.stream().filter(each -> !each.isSoftware()).toList();
    for (Watchdog each : hardware) {
      if (each.state() == Watchdog.State.ACTIVE) {
        return Finding.bad(
            name,
            each.name()
                + " ("
                + each.identity()
                + ") runs, and would reset the machine while it is being saved",
            each.noWayOut()
                ? "it cannot be stopped (nowayout): boot without what starts it"
                    + " (RuntimeWatchdogSec=0 in /etc/systemd/system.conf)"
                : "stop what feeds it (RuntimeWatchdogSec=0 in /etc/systemd/system.conf)");
      }
    }
    return hardware.stream().anyMatch(each -> each.state() == Watchdog.State.UNKNOWN)
        ? Finding.warning(
            name,
            "there is one, and whether it runs cannot be seen",
            "build the kernel with CONFIG_WATCHDOG_SYSFS=y")
        : Finding.good(name, hardware.isEmpty() ? "none" : "none runs");
  }
}
