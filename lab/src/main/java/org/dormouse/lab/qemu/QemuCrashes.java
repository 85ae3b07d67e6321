package org.dormouse.lab.qemu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * QEMU processes of this run that crashed: it was QEMU that went wrong then, whatever its guest
 * did. QEMU 7.2 emulates each processor in a thread of its own, and may have one use what another
 * has just taken away: while a guest's kernel finds its PCI devices, "msix_table_mmio_write:
 * Assertion" and segmentation faults were seen (docs/kernel-notes.md).
 */
public final class QemuCrashes {
  /** A shell's and Java's status of what a signal has ended is 128 and its number: signal(7). */
  private static final Map<Integer, String> SIGNALS =
      Map.of(
          128 + 4, "SIGILL", 128 + 6, "SIGABRT", 128 + 7, "SIGBUS", 128 + 8, "SIGFPE", 128 + 11,
          "SIGSEGV");

  private static final List<String> SEEN = new CopyOnWriteArrayList<>();

  private QemuCrashes() {}

  /** What is known of each, in their order; more may come at any time. */
  public static List<String> seen() {
    return List.copyOf(SEEN);
  }

  /** How a process ended: with its status, or by which signal of its own. */
  static String describe(int status) {
    String signal = SIGNALS.get(status);
    return signal == null
        ? "QEMU ended with status " + status
        : "QEMU itself crashed (status " + status + ", " + signal + "), whatever the guest did";
  }

  /**
   * Notes it, if it is one.
   *
   * @param status of a process that ended
   * @param errors what it said
   */
  static void note(int status, Path errors) throws IOException {
    if (SIGNALS.containsKey(status)) {
      SEEN.add(describe(status) + ": " + Files.readString(errors).strip());
    }
  }
}
