package org.dormouse.setup;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.dormouse.machine.Finding;

/**
 * The way from a machine with the package to its first wake: what to do next, so that nobody has to
 * read anything else. Pure.
 */
public final class FirstWake {
  /** What has been done of it. */
  public enum Deed {
    /** There is a key, so images are sealed. */
    KEY,
    /** {@code setup-machine} has run. */
    SETUP
  }

  /** Distributions whose kernels can be jumped back to as they are. */
  private static final List<String> READY_KERNELS =
      List.of("fedora", "ubuntu", "arch", "nixos", "cachyos");

  private FirstWake() {}

  /** The next steps, in order, a line each. */
  public static List<String> steps(SetupFacts facts, Set<Deed> done) {
    if (!facts.hindrances().isEmpty()) {
      return mending(facts);
    }
    List<String> steps = new ArrayList<>();
    if (!done.contains(Deed.KEY)) {
      steps.add(
          "if the disk is encrypted, or nobody who has it may read what is in memory: dormouse key"
              + " create (a wake then asks for its passphrase, and for no other: the disk's own is a"
              + " good choice)");
    }
    if (!done.contains(Deed.SETUP)) {
      steps.add(
          facts.store().isPresent()
              ? "dormouse setup-machine (says what it will change, and asks)"
              : "dormouse setup-machine --store /var/lib/dormouse/store (makes that file for images;"
                  + " says what it will change, and asks)");
    }
    steps.add("dormouse hibernate --then return (tries all but the wake: nothing is lost by it)");
    steps.add(
        facts.services() == SetupFacts.Services.OTHER
            ? "save your work, then: dormouse hibernate"
            : "save your work, then: systemctl hibernate");
    steps.add("switch the machine on: it goes on where it was");
    return steps;
  }

  /** What is in the way of everything else comes first, all of it. */
  private static List<String> mending(SetupFacts facts) {
    List<String> steps = new ArrayList<>();
    for (Finding hindrance : facts.hindrances()) {
      steps.add(hindrance.name() + ": " + hindrance.remedy());
    }
    if (facts.hindrances().stream().anyMatch(each -> each.name().equals("kexec jump"))) {
      steps.add(
          READY_KERNELS.stream().anyMatch(facts.distribution()::isLike)
              ? "the present kernel of "
                  + facts.distribution().name()
                  + " is expected to have CONFIG_KEXEC_JUMP: boot that one"
              : "kernels that need nothing: those of Fedora, Ubuntu, Arch and NixOS; those of Debian,"
                  + " openSUSE, Alpine and RHEL have to be built anew");
    }
    steps.add("then: dormouse doctor");
    return steps;
  }
}
