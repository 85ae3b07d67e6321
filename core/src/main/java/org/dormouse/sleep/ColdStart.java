package org.dormouse.sleep;

import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;
import org.dormouse.kexec.SaverLayout;
import org.dormouse.linux.Kexec;
import org.dormouse.linux.KexecLoadCounter;
import org.dormouse.linux.LinuxException;
import org.dormouse.linux.SharedMemory;
import org.dormouse.mailbox.Mailbox;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;
import org.dormouse.text.Report;
import org.dormouse.text.ReportException;

/** In the original kernel: loads a saver that has still to boot. */
final class ColdStart {
  private final Journal journal;
  private final SaverPlanner planner;

  ColdStart(Journal journal, SaverPlanner planner) {
    this.journal = journal;
    this.planner = planner;
  }

  /**
   * Plans and loads. Nothing stays loaded if that fails.
   *
   * @throws ReportException if there is no place, or too little memory
   */
  ReadySaver load() throws IOException {
    journal.stage("plan");
    SaverPlan plan = planner.plan(ColdStart::mailboxOutsideOf);
    journal.fact("region_bytes", plan.place().region().bytes());
    journal.fact("region_free_pages", plan.freeInRegion());
    journal.stage("load");
    KexecLoadCounter.arm();
    load(plan);
    OptionalLong loads = KexecLoadCounter.read();
    SaverSoftware software = planner.software();
    return new ReadySaver(
        new SaverRecord(
            software.kernelDigest(),
            software.initramfsDigest(),
            plan.mailbox(),
            plan.layout().crashReservation(),
            loads),
        planner.original(plan.place().region()));
  }

  /** What lies in the region or in low memory is swapped away while the saver runs. */
  private static long mailboxOutsideOf(PageRange region) throws IOException {
    try (SharedMemory shared =
        SharedMemory.openOutside(
            Mailbox.KEY, Mailbox.BYTES, List.of(SaverLayout.LOW_MEMORY, region))) {
      return Pages.address(shared.frames()[0]);
    }
  }

  private static void load(SaverPlan plan) throws IOException {
    try {
      KexecLoad.of(plan.layout().image());
    } catch (LinuxException e) {
      Kexec.unload();
      throw new ReportException(
          new Report(
              "the saver kernel could not be loaded: " + e.getMessage(),
              "Nothing is loaded; the machine goes on.",
              "Free some memory and try again."),
          e);
    }
  }
}
