package org.dormouse.lab;

import java.time.Duration;
import org.dormouse.lab.demo.Scenario;
import org.dormouse.lab.qemu.MachineOptions;

/** The word on a kernel's command line that says where an image is to be looked for. */
final class ResumeWord {
  private static final String WORD = "dormouse.resume=";
  private static final Duration QUICK = Duration.ofMinutes(1);

  private ResumeWord() {}

  /** A scenario's machine, whose boot looks at a location too. */
  static MachineOptions with(Scenario scenario, String location) {
    return with(scenario.options(), location);
  }

  /** The same of any machine. */
  static MachineOptions with(MachineOptions machine, String location) {
    return machine.withAppend(machine.append() + " " + WORD + location);
  }

  /**
   * Has a running guest see a command line with it, as if it had booted with that: by that it knows
   * where the next boot looks.
   */
  static void asIfBootedWith(Scenario scenario, String location) throws Exception {
    scenario
        .shell()
        .check(
            "cd /tmp && { umount /proc/cmdline 2>/dev/null; true; } && sed 's| "
                + WORD
                + "[^ ]*||g; s|$| "
                + WORD
                + location
                + "|' /proc/cmdline >line && mount --bind line /proc/cmdline",
            QUICK);
  }
}
