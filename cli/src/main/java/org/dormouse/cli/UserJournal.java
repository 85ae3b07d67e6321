package org.dormouse.cli;

import java.io.IOException;
import java.io.PrintWriter;
import org.dormouse.linux.KernelLog;
import org.dormouse.protocol.Journal;

/**
 * Tells the person at the terminal, and the kernel's log, which is all that is left when the
 * machine sleeps.
 */
final class UserJournal implements Journal {
  private final PrintWriter out;

  UserJournal(PrintWriter out) {
    this.out = out;
  }

  @Override
  public void stage(String name) {
    log(Journal.stageLine(name));
  }

  @Override
  public void fact(String name, String value) {
    log(Journal.factLine(name, value));
  }

  @Override
  public void say(String sentence) {
    out.println(sentence);
    out.flush();
    log(Journal.sayLine(sentence));
  }

  private void log(String line) {
    try {
      KernelLog.write(line);
    } catch (IOException e) {
      out.println(line + " (not in the kernel's log: " + e.getMessage() + ")");
      out.flush();
    }
  }
}
