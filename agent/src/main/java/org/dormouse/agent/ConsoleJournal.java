package org.dormouse.agent;

import java.io.IOException;
import java.io.PrintStream;
import java.util.function.Consumer;
import org.dormouse.linux.KernelLog;
import org.dormouse.protocol.Journal;

/**
 * Tells the console, line by line: nobody can read a log file of a kernel that lives for some
 * seconds. A saver's kernel keeps the lines, too, for a failure is told with the end of its log.
 */
public final class ConsoleJournal implements Journal {
  private final PrintStream console;
  private final Consumer<String> log;

  private ConsoleJournal(PrintStream console, Consumer<String> log) {
    this.console = console;
    this.log = log;
  }

  /** Writes to {@code console} alone. */
  public static ConsoleJournal on(PrintStream console) {
    return new ConsoleJournal(console, line -> {});
  }

  /** Writes to {@code console} and into the running kernel's log. */
  public static ConsoleJournal andLog(PrintStream console) {
    return new ConsoleJournal(console, line -> keep(line, console));
  }

  private static void keep(String line, PrintStream console) {
    try {
      KernelLog.write(line);
    } catch (IOException e) {
      console.println(Journal.sayLine("not in the kernel's log: " + e.getMessage()));
    }
  }

  @Override
  public void stage(String name) {
    tell(Journal.stageLine(name));
  }

  @Override
  public void fact(String name, String value) {
    tell(Journal.factLine(name, value));
  }

  @Override
  public void say(String sentence) {
    tell(Journal.sayLine(sentence));
  }

  private void tell(String line) {
    console.println(line);
    log.accept(line);
  }
}
