package org.dormouse.lab.bench;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.OptionalLong;
import org.dormouse.lab.demo.Stage;

/**
 * One sleep or one waking.
 *
 * @param what it is one of
 * @param seconds from the command to the end of QEMU, or from power-on to the guest's being awake
 * @param stages that this time is made of
 * @param imageBytes of a sleep: what was written to disk for it, if that is known
 * @param swappedOutBytes of a sleep: how much of that is no image but swapped out, and is still
 *     there after waking
 * @param verifySeconds of a waking: how long the workload took afterwards to look at all of its
 *     memory, of which some may still be in swap space
 * @param hostLoad the host's load average of one minute at the end: where it is more than the
 *     guest's CPUs, others were at work, and the time says more about them
 */
public record Measurement(
    Quantity what,
    double seconds,
    List<Stage> stages,
    OptionalLong imageBytes,
    long swappedOutBytes,
    double verifySeconds,
    double hostLoad) {
  public Measurement {
    stages = List.copyOf(stages);
  }

  static Measurement sleep(
      Quantity what,
      double seconds,
      List<Stage> stages,
      OptionalLong imageBytes,
      long swappedOutBytes) {
    return new Measurement(what, seconds, stages, imageBytes, swappedOutBytes, 0, load());
  }

  static Measurement wake(Quantity what, double seconds, List<Stage> stages, double verifySeconds) {
    return new Measurement(what, seconds, stages, OptionalLong.empty(), 0, verifySeconds, load());
  }

  private static double load() {
    return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
  }
}
