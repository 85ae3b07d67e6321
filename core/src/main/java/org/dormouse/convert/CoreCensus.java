package org.dormouse.convert;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.function.LongConsumer;
import org.dormouse.dump.CoreFile;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;
import org.dormouse.text.Quantity;
import org.dormouse.vmcore.OriginalMemory;
import org.dormouse.vmcore.PageCensus;
import org.dormouse.vmcore.SourcePages;
import org.dormouse.vmcore.VmcoreException;
import org.dormouse.vmcore.VmcoreInfo;

/** What the pages of a dump are for. */
public final class CoreCensus {
  /** A page struct has 64 bytes or more (include/linux/mm_types.h): so many are in a page. */
  private static final long PAGES_PER_PAGE_OF_STRUCTS = Pages.SIZE / 64;

  private CoreCensus() {}

  /**
   * Takes the census of a dump's kernel; where nothing can be told, all is unknown.
   *
   * @param arena owns it; shared
   * @param threads how many look at the same time, 1 or more
   * @param looked is told, by any thread, at how many further pages of RAM has been looked
   * @throws IOException if the dump cannot be read
   */
  public static PageCensus of(CoreFile core, Arena arena, int threads, LongConsumer looked)
      throws IOException {
    // A census has a byte for each page of RAM. How much RAM there is was read, and is not to be
    // believed of a dump that has no room for the page structs.
    long ram = core.ram().stream().mapToLong(PageRange::count).sum();
    if (ram / PAGES_PER_PAGE_OF_STRUCTS > pagesHeld(core)) {
      return PageCensus.unknown(
          core.ram(),
          "the dump says that there are %s of memory, whose page structs are not in it"
              .formatted(Quantity.bytes(Pages.address(ram))));
    }
    try {
      VmcoreInfo info = core.description().vmcoreInfo();
      OriginalMemory memory = OriginalMemory.of(core.frames(), core.ram(), SourcePages.none());
      return PageCensus.take(arena, core.ram(), memory, info, threads, looked);
    } catch (VmcoreException e) {
      return PageCensus.unknown(core.ram(), e.getMessage());
    }
  }

  private static long pagesHeld(CoreFile core) throws IOException {
    try (Arena looking = Arena.ofConfined()) {
      CoreFile.Presence presence = core.presence(looking);
      return presence.stored().count() + presence.zero().count();
    }
  }
}
