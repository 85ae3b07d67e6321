package org.dormouse.physical;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.dormouse.kexec.CallLayout;
import org.dormouse.kexec.CallPlaces;
import org.dormouse.kexec.CallRequest;
import org.dormouse.linux.PhysicalPages;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;
import org.dormouse.text.Quantity;
import org.dormouse.text.ReportException;

/** Looks for memory that a call may take for as long as it lasts. */
final class PlaceSearch {
  /** How much is looked at before it is tried: reading flags takes time. */
  private static final long WINDOW = Pages.pfn(64L << 20);

  private PlaceSearch() {}

  /**
   * The lowest places that will do. The area is where no device may write, if there is such a
   * place: on pages that are free, or the page cache's or programs'.
   *
   * @throws ReportException if there is no room
   */
  static CallPlaces find(CallRequest request) throws IOException {
    List<PageRange> ram = request.machine().map().ram();
    List<PageRange> taken = CallLayout.taken(request);
    long lowPages = CallLayout.lowPages(request);
    PageRange low =
        CallPlaces.lowest(ram, CallPlaces.LOW, taken, lowPages)
            .orElseThrow(() -> noRoom(lowPages, "below 640 KiB"));
    long areaPages = CallLayout.areaPages(request);
    Optional<PageRange> area = movable(ram, taken, areaPages);
    if (area.isEmpty()) {
      area = CallPlaces.lowest(ram, CallPlaces.HIGH, taken, areaPages);
    }
    return new CallPlaces(
        low, area.orElseThrow(() -> noRoom(areaPages, "between 16 MiB and 4 GiB")));
  }

  private static Optional<PageRange> movable(List<PageRange> ram, List<PageRange> taken, long pages)
      throws IOException {
    List<PageRange> found = new ArrayList<>();
    for (PageRange range : ram) {
      PageRange within = range.intersect(CallPlaces.HIGH);
      for (long start = within.start(); start < within.end(); start += WINDOW) {
        PageRange window = new PageRange(start, Math.min(within.end(), start + WINDOW));
        found = new ArrayList<>(PageRange.union(joined(found, movable(window))));
        Optional<PageRange> place = CallPlaces.lowest(found, CallPlaces.HIGH, taken, pages);
        if (place.isPresent()) {
          return place;
        }
      }
    }
    return Optional.empty();
  }

  private static List<PageRange> joined(List<PageRange> before, List<PageRange> more) {
    List<PageRange> all = new ArrayList<>(before);
    all.addAll(more);
    return all;
  }

  private static List<PageRange> movable(PageRange window) throws IOException {
    try (Arena scratch = Arena.ofConfined()) {
      PageSet free = PageSet.empty(scratch, window.end());
      PageSet lru = PageSet.empty(scratch, window.end());
      PageSet poisoned = PageSet.empty(scratch, window.end());
      PhysicalPages.addFlagged(window, free, lru, poisoned);
      free.addAll(lru);
      free.removeAll(poisoned);
      List<PageRange> runs = new ArrayList<>();
      for (PageRange run = free.nextRun(0); !run.isEmpty(); run = free.nextRun(run.end())) {
        runs.add(run);
      }
      return runs;
    }
  }

  private static ReportException noRoom(long pages, String where) {
    return new ReportException(
        "there is no RAM of " + Quantity.bytes(Pages.address(pages)) + " in one piece " + where,
        "Nothing was changed; the machine goes on.",
        "Make the program, its input or its room for output smaller.");
  }
}
