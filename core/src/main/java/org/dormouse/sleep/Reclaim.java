package org.dormouse.sleep;

import java.io.IOException;
import org.dormouse.linux.MemoryInfo;
import org.dormouse.linux.Power;
import org.dormouse.linux.Sysctl;
import org.dormouse.protocol.Journal;
import org.dormouse.text.ReportException;

/** Makes the room that a sleep needs, taking as little page cache away as will do. */
final class Reclaim {
  private final Journal journal;

  Reclaim(Journal journal) {
    this.journal = journal;
  }

  /**
   * Makes room: nothing if there is enough, else clean page cache is dropped, else all.
   *
   * @param store its name, for messages
   * @throws ReportException if there is too little room even then
   */
  void makeRoom(SleepNeeds needs, String store) throws IOException {
    MemoryInfo memory = MemoryInfo.read();
    if (needs.areMet(memory)) {
      return;
    }
    journal.say("dropping clean page cache to make room");
    Sysctl.dropPageCache();
    memory = MemoryInfo.read();
    if (!needs.areMet(memory)) {
      journal.say("writing the page cache out and dropping it to make room");
      Power.sync();
      Sysctl.dropCaches();
      memory = MemoryInfo.read();
    }
    var shortage = needs.shortage(memory, store);
    if (shortage.isPresent()) {
      throw new ReportException(shortage.get());
    }
  }
}
