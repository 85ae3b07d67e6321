package org.dormouse.dump;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.dormouse.memory.Pages;

/**
 * Some pages that were read lately: whoever follows page tables asks for the same ones again and
 * again. Each page has one place, which it shares with others.
 */
final class PageCache {
  /** Reads a page. */
  interface Source {
    void read(MemorySegment page) throws IOException;
  }

  /** 4 MiB. */
  private static final int PLACES = 1024;

  private static final long NONE = -1;

  private final MemorySegment pages;
  private final long[] pfns = new long[PLACES];
  private final Object[] locks = new Object[PLACES];

  PageCache(Arena arena) {
    pages = arena.allocate(Pages.address(PLACES), Pages.SIZE);
    Arrays.fill(pfns, NONE);
    Arrays.setAll(locks, place -> new Object());
  }

  /** Copies page {@code pfn} to {@code target}, and reads it first if it is not there. */
  void get(long pfn, MemorySegment target, Source source) throws IOException {
    int place = (int) (pfn % PLACES);
    MemorySegment page = pages.asSlice(Pages.address(place), Pages.SIZE);
    synchronized (locks[place]) {
      if (pfns[place] != pfn) {
        pfns[place] = NONE;
        source.read(page);
        pfns[place] = pfn;
      }
      target.copyFrom(page);
    }
  }
}
