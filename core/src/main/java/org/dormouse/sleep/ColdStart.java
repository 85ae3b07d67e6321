package org.dormouse.sleep;

import java.io.IOException;
import java.util.OptionalLong;
import org.dormouse.kexec.RegionChoice;
import org.dormouse.linux.Kexec;
import org.dormouse.linux.KexecLoadCounter;
import org.dormouse.linux.LinuxException;
import org.dormouse.linux.SharedMemory;
import org.dormouse.mailbox.SwitchTable;
import org.dormouse.memory.Pages;
import org.dormouse.protocol.Journal;
import org.dormouse.protocol.KexecLoad;
import org.dormouse.protocol.SaverRecord;
import org.dormouse.protocol.SaverSoftware;
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
    RegionChoice.Place place = planner.place();
    try (SharedMemory shared = MailboxMemory.outside(place.region())) {
      long mailbox = Pages.address(shared.frames()[0]);
      SaverPlan plan = planner.plan(place, mailbox);
      journal.fact("region_bytes", plan.place().region().bytes());
      journal.stage("load");
      KexecLoadCounter.arm();
      // Of kernels that somebody else has unloaded: a saver is loaded from now on.
      SharedMemory.remove(SwitchTable.KEY);
      load(plan);
      OptionalLong loads = KexecLoadCounter.read();
      SaverSoftware software = planner.software();
      return new ReadySaver(
          new SaverRecord(
              software.kernelDigest(),
              software.initramfsDigest(),
              mailbox,
              plan.layout().crashReservation(),
              loads),
          planner.original(plan.place().region()));
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
