package org.dormouse.agent;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import org.dormouse.kernels.KernelList;
import org.dormouse.kernels.KernelSwitching;
import org.dormouse.protocol.Journal;
import org.dormouse.text.Report;
import org.dormouse.text.ReportException;

/**
 * What this program does in the shell of one of several kernels, where there is no {@code dormouse}
 * command: {@code --kernel-arrive}, {@code --kernel-list}, {@code --kernel-switch NAME}.
 */
final class KernelWork {
  /** What the words begin with. */
  static final String PREFIX = "--kernel-";

  private static final String GOES_ON = "The kernel goes on.";

  private final Journal journal;
  private final PrintStream console;

  KernelWork(Journal journal, PrintStream console) {
    this.journal = journal;
    this.console = console;
  }

  /** Does it; returns the exit code. */
  int run(List<String> words) {
    try {
      perform(words);
      return 0;
    } catch (ReportException e) {
      print(e.report());
    } catch (IOException e) {
      print(new Report(String.valueOf(e.getMessage()), GOES_ON, "See the kernel's log (dmesg)."));
    } catch (RuntimeException e) {
      print(Report.defect("Dormouse", e, GOES_ON));
    }
    return 1;
  }

  private void perform(List<String> words) throws IOException {
    String verb = words.getFirst().substring(PREFIX.length());
    if (verb.equals("arrive") && words.size() == 1) {
      new KernelSwitching(journal).arrive();
    } else if (verb.equals("list") && words.size() == 1) {
      KernelList.observe().forEach(console::println);
    } else if (verb.equals("switch") && words.size() == 2) {
      new KernelSwitching(journal).to(words.getLast());
    } else {
      throw new IllegalArgumentException("not for this program: " + words);
    }
  }

  private void print(Report report) {
    console.println("dormouse: " + report.happened());
    console.println("  state: " + report.state());
    console.println("  to do: " + report.remedy());
  }
}
