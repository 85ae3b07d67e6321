package org.dormouse.convert;

import java.lang.foreign.Arena;
import org.dormouse.dump.CoreFile;
import org.dormouse.vmcore.OriginalMemory;
import org.dormouse.vmcore.PageCensus;
import org.dormouse.vmcore.SourcePages;
import org.dormouse.vmcore.VmcoreException;
import org.dormouse.vmcore.VmcoreInfo;

/** What the pages of a dump are for. */
public final class CoreCensus {
  private CoreCensus() {}

  /**
   * Takes the census of a dump's kernel; where nothing can be told, all is unknown.
   *
   * @param arena owns it; shared
   * @param threads how many look at the same time, 1 or more
   */
  public static PageCensus of(CoreFile core, Arena arena, int threads) {
    try {
      VmcoreInfo info = core.description().vmcoreInfo();
      OriginalMemory memory = OriginalMemory.of(core.frames(), core.ram(), SourcePages.none());
      return PageCensus.take(arena, core.ram(), memory, info, threads);
    } catch (VmcoreException e) {
      return PageCensus.unknown(arena, core.ram(), e.getMessage());
    }
  }
}
