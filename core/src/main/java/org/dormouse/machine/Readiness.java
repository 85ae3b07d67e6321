package org.dormouse.machine;

import java.util.ArrayList;
import java.util.List;
import org.dormouse.machine.Finding.Verdict;
import org.dormouse.machine.MachineFacts.KexecFacts;
import org.dormouse.text.Quantity;

/**
 * Whether a machine can sleep, as far as its kernel and its settings go: a pure function of what
 * was seen.
 */
public final class Readiness {
  private static final List<String> SAVER_OPTIONS =
      List.of("CRASH_DUMP", "PROC_VMCORE", "RELOCATABLE", "BLK_DEV_INITRD", "RD_ZSTD");
  private static final List<String> RESUME_OPTIONS = List.of("KEXEC", "PROC_PAGE_MONITOR");

  private Readiness() {}

  /** Everything that was looked at, in the order in which a person would mend it. */
  public static List<Finding> of(MachineFacts machine) {
    List<Finding> findings = new ArrayList<>();
    findings.add(kexec(machine.kexec()));
    findings.add(lockdown(machine.kexec()));
    findings.add(jump(machine));
    findings.add(
        options(machine, "saver kernel", SAVER_OPTIONS, "the saver kernel is this same kernel"));
    findings.add(
        options(machine, "resume kernel", RESUME_OPTIONS, "the resume kernel is this same kernel"));
    findings.add(vmcoreInfo(machine));
    findings.add(resumeWord(machine));
    findings.add(
        Finding.good(
            "memory",
            Quantity.bytes(machine.memory().total())
                + ", of which "
                + Quantity.bytes(machine.memory().free())
                + " are free"));
    return findings;
  }

  /** Whether nothing hinders. */
  public static boolean isReady(List<Finding> findings) {
    return findings.stream().noneMatch(finding -> finding.verdict() == Verdict.BAD);
  }

  private static Finding kexec(KexecFacts kexec) {
    if (!kexec.supported()) {
      return Finding.bad(
          "kexec",
          "the kernel has no kexec",
          "run a kernel with CONFIG_KEXEC and CONFIG_KEXEC_JUMP");
    }
    if (kexec.disabled()) {
      return Finding.bad(
          "kexec",
          "loading is switched off (kernel.kexec_load_disabled=1)",
          "it can only be switched on by a reboot: remove the setting from /etc/sysctl.d and reboot");
    }
    if (kexec.loaded()) {
      return Finding.bad("kexec", "another kexec image is loaded", "unload it: kexec -u");
    }
    return Finding.good("kexec", "may be used");
  }

  private static Finding lockdown(KexecFacts kexec) {
    return kexec.lockdown().equals("none")
        ? Finding.good("lockdown", "none")
        : Finding.bad(
            "lockdown",
            "the kernel is locked down (" + kexec.lockdown() + "), so it takes no unsigned kernel",
            "switch Secure Boot off, or boot without lockdown=");
  }

  private static Finding jump(MachineFacts machine) {
    if (machine.kexec().preserveContext()) {
      return Finding.good("kexec jump", "the kernel can be jumped back to");
    }
    return machine.lacks("KEXEC_JUMP")
        ? Finding.bad(
            "kexec jump",
            "kernel " + machine.kernel().release() + " was built without CONFIG_KEXEC_JUMP",
            "build it with CONFIG_KEXEC_JUMP=y (Debian's own kernels do not have it)")
        : Finding.bad(
            "kexec jump",
            "the kernel does not take KEXEC_PRESERVE_CONTEXT now",
            "mend what is named above; else build the kernel with CONFIG_KEXEC_JUMP=y");
  }

  private static Finding options(
      MachineFacts machine, String name, List<String> wanted, String why) {
    if (machine.config().isEmpty()) {
      return Finding.warning(
          name,
          "this kernel's options cannot be read",
          "build it with CONFIG_IKCONFIG_PROC=y, or put its config into /boot");
    }
    List<String> missing = machine.lacking(wanted);
    return missing.isEmpty()
        ? Finding.good(name, "has " + String.join(", ", wanted))
        : Finding.bad(
            name,
            why + " and lacks " + String.join(", ", missing),
            "build it with " + String.join("=y, ", missing) + "=y");
  }

  private static Finding vmcoreInfo(MachineFacts machine) {
    return machine.vmcoreInfo().isPresent()
        ? Finding.good("self-description", "the kernel has its VMCOREINFO note")
        : Finding.bad(
            "self-description",
            "the kernel has no VMCOREINFO note, without which no other kernel opens its memory",
            "build it with CONFIG_VMCORE_INFO=y (CRASH_DUMP and KEXEC bring it)");
  }

  private static Finding resumeWord(MachineFacts machine) {
    return machine
        .commandLine()
        .value("dormouse.resume")
        .map(store -> Finding.good("next boot", "looks for an image on " + store))
        .orElse(
            Finding.warning(
                "next boot",
                "does not look for an image",
                "add dormouse.resume=STORE to the kernel command line, and boot with the initramfs"
                    + " that 'dormouse initramfs' makes"));
  }
}
