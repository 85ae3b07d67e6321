package org.dormouse.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.util.concurrent.atomic.LongAdder;
import org.dormouse.convert.CoreCensus;
import org.dormouse.convert.CreateImage;
import org.dormouse.dump.CoreFile;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;
import org.dormouse.vmcore.Exclusions;
import org.dormouse.vmcore.PageCensus;

/**
 * Looks at what the pages of a dump are for, and shows how far it has come.
 *
 * @param core whose pages
 * @param threads how many look at the same time
 * @param err where that is shown
 */
record PageLook(CoreFile core, int threads, PrintWriter err) {
  /**
   * All pages, one by one.
   *
   * @param arena owns the census; shared
   */
  PageCensus census(Arena arena) throws IOException {
    LongAdder looked = new LongAdder();
    try (ProgressLine _ = progress(looked)) {
      return CoreCensus.of(core, arena, threads, looked::add);
    }
  }

  /** Those that go into an image. */
  CreateImage image(Exclusions excluded) throws IOException {
    LongAdder looked = new LongAdder();
    try (ProgressLine _ = progress(looked)) {
      return new CreateImage(core, excluded, threads, looked::add);
    }
  }

  private ProgressLine progress(LongAdder looked) {
    long pages = core.ram().stream().mapToLong(PageRange::count).sum();
    return new ProgressLine(
        "looking", Pages.address(pages), () -> Pages.address(looked.sum()), err);
  }
}
