package org.dormouse.lab;

import java.time.Duration;
import org.dormouse.lab.demo.GuestState;
import org.dormouse.lab.demo.Scenario;

/** A guest's memory that belongs to nobody: what is held for a saver, and what leaks. */
final class HeldMemory {
  private static final Duration LONG = Duration.ofMinutes(2);

  private HeldMemory() {}

  /**
   * What belongs neither to programs nor to files. Besides the kernel's own, which stays the same,
   * that is what is held for a saver, and what leaks. Pages that a processor keeps for its next
   * allocations are free, but the kernel does not count them as such, and they may be many.
   */
  static long bytes(Scenario scenario) throws Exception {
    String told =
        scenario
            .shell()
            .check(
                "sync; echo 3 >/proc/sys/vm/drop_caches;"
                    + " awk '$1 == \"count:\" { n += $2 }"
                    + " END { print \"kept=\" n * 4096 }' /proc/zoneinfo;"
                    + " awk '{ sub(\":\", \"\", $1); print $1 \"=\" $2 * 1024 }' /proc/meminfo",
                LONG);
    GuestState memory = GuestState.parse(told);
    return memory.number("MemTotal")
        - memory.number("MemFree")
        - memory.number("kept")
        - memory.number("AnonPages")
        - memory.number("Cached")
        - memory.number("Buffers");
  }
}
