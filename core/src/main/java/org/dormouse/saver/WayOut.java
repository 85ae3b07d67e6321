package org.dormouse.saver;

import java.io.IOException;
import org.dormouse.linux.Kexec;
import org.dormouse.linux.Panic;
import org.dormouse.protocol.Journal;

/**
 * The way out of a saver in which a thread hangs in a device. Such a thread cannot be stopped, so
 * the kernel would not jump. But a panic asks no thread, and goes back to the original kernel.
 */
final class WayOut {
  private WayOut() {}

  /** Says why, and panics if there is something loaded for that. Else this saver goes on. */
  static void byPanic(String why, Journal journal) {
    journal.say(why);
    try {
      if (Kexec.isCrashLoaded()) {
        Panic.onFirstProcessor();
      }
    } catch (IOException e) {
      journal.say("and there is no way back: " + e.getMessage());
    }
  }
}
