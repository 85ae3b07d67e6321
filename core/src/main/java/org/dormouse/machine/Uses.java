package org.dormouse.machine;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.dormouse.linux.Bios;
import org.dormouse.linux.SuspendToRam;
import org.dormouse.linux.Watchdog;

/**
 * What the jump can be used for on a machine, and how well: for people. None of it hinders a sleep.
 */
public final class Uses {
  /** Of the kernels that all uses were tried on, the oldest and the newest. */
  private static final Version OLDEST = new Version(6, 1);

  private static final Version NEWEST = new Version(7, 2);

  private Uses() {}

  /** A kernel's version, as far as it matters. */
  private record Version(int major, int minor) implements Comparable<Version> {
    private static final Pattern RELEASE = Pattern.compile("(\\d+)\\.(\\d+)\\b.*");

    static Version of(String release) {
      Matcher words = RELEASE.matcher(release);
      return words.matches()
          ? new Version(Integer.parseInt(words.group(1)), Integer.parseInt(words.group(2)))
          : new Version(0, 0);
    }

    @Override
    public int compareTo(Version other) {
      return major == other.major
          ? Integer.compare(minor, other.minor)
          : Integer.compare(major, other.major);
    }

    @Override
    public String toString() {
      return major + "." + minor;
    }
  }

  /** Everything that was looked at. */
  public static List<Finding> of(MachineFacts machine, SuspendToRam suspend, Bios.Presence bios) {
    return List.of(
        version(machine.kernel().identity().release()),
        panics(machine.kernel()),
        guard(machine.watchdogs()),
        suspend(suspend),
        bios(bios));
  }

  private static Finding version(String release) {
    Version version = Version.of(release);
    String name = "kernel";
    if (version.compareTo(OLDEST) < 0) {
      return Finding.warning(
          name,
          release + " is older than any that this was tried on, " + OLDEST,
          "run a newer one; or try first: dormouse rehearse");
    }
    return version.compareTo(NEWEST) > 0
        ? Finding.warning(
            name,
            release + " is newer than any that this was tried on, " + NEWEST,
            "try first: dormouse rehearse")
        : Finding.good(name, release + ": sleeps, snapshots, other kernels and programs");
  }

  private static Finding panics(MachineFacts.KernelFacts kernel) {
    String name = "panic of a saver";
    return kernel.lacks("PSTORE_RAM")
        ? Finding.warning(
            name,
            "the machine goes on, but why it was cannot be told",
            "build the kernel with CONFIG_PSTORE=y and CONFIG_PSTORE_RAM=y")
        : Finding.good(name, "the machine goes on, and its last lines are told");
  }

  private static Finding guard(List<Watchdog> watchdogs) {
    return Finding.good(
        "hang of a saver",
        watchdogs.stream()
            .filter(Watchdog::canGuard)
            .findFirst()
            .map(found -> found.identity() + " watches over it while it works")
            .orElse(
                "no hardware watchdog could end one that hangs with interrupts off; the kernel ends"
                    + " others"));
  }

  private static Finding suspend(SuspendToRam suspend) {
    return Finding.good(
        "suspend to RAM",
        suspend.isPossible()
            ? "can follow a sleep: --then suspend"
            : "not on this machine, so there is no --then suspend");
  }

  private static Finding bios(Bios.Presence bios) {
    return Finding.good(
        "BIOS",
        switch (bios) {
          case UEFI -> "none to call: the machine was started by UEFI";
          case NO_SUCH_INTERRUPT -> "none that answers";
          case ANSWERS -> "can be called: dormouse bios";
          case ASSUMED -> "can be called, if there is one, which this kernel does not let see";
        });
  }
}
