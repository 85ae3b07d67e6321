package org.dormouse.agent;

import java.io.PrintStream;
import org.dormouse.protocol.Journal;

/**
 * Tells the console, line by line: nobody can read a log file of a kernel that lives for some
 * seconds.
 */
public final class ConsoleJournal implements Journal {
  private final PrintStream console;

  /** Writes to {@code console}. */
  public ConsoleJournal(PrintStream console) {
    this.console = console;
  }

  @Override
  public void stage(String name) {
    console.println(Journal.stageLine(name));
  }

  @Override
  public void fact(String name, String value) {
    console.println(Journal.factLine(name, value));
  }

  @Override
  public void say(String sentence) {
    console.println(Journal.sayLine(sentence));
  }
}
