package org.dormouse.analyze;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.LongConsumer;
import org.dormouse.dump.CoreFile;
import org.dormouse.memory.Frames;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;
import org.dormouse.vmcore.PageCensus;
import org.dormouse.vmcore.PageKind;

/**
 * What differs between two dumps of one machine's memory, page by page.
 *
 * @param kinds by what the page is for in the second one
 */
public record MemoryDifference(Map<PageKind, Counts> kinds) {
  /** How many pages are compared at once: 1 MiB. */
  private static final int STEP = 256;

  /**
   * How many pages.
   *
   * @param same have the same contents in both
   * @param changed have others
   * @param changedBytes how many bytes of those differ
   * @param onlyFirst are in the first one only
   * @param onlySecond are in the second one only
   */
  public record Counts(
      long same, long changed, long changedBytes, long onlyFirst, long onlySecond) {
    static final Counts NONE = new Counts(0, 0, 0, 0, 0);

    Counts plus(Counts other) {
      return new Counts(
          same + other.same,
          changed + other.changed,
          changedBytes + other.changedBytes,
          onlyFirst + other.onlyFirst,
          onlySecond + other.onlySecond);
    }
  }

  /** Makes the map unmodifiable. */
  public MemoryDifference {
    kinds = Collections.unmodifiableMap(new EnumMap<>(kinds));
  }

  /** All kinds together. */
  public Counts total() {
    return kinds.values().stream().reduce(Counts.NONE, Counts::plus);
  }

  /** How many pages there are to look at. */
  public static long pages(CoreFile first, CoreFile second) {
    return Math.max(first.ram().getLast().end(), second.ram().getLast().end());
  }

  /**
   * Compares.
   *
   * @param census of the second one
   * @param progress is told how many further pages have been looked at, {@link #pages} in all
   */
  public static MemoryDifference between(
      CoreFile first, CoreFile second, PageCensus census, LongConsumer progress)
      throws IOException {
    try (Arena arena = Arena.ofShared()) {
      Walk walk = new Walk(arena, first, second, census);
      long limit = pages(first, second);
      for (long pfn = 0; pfn < limit; pfn += STEP) {
        walk.look(pfn);
        progress.accept(STEP);
      }
      return new MemoryDifference(walk.kinds);
    }
  }

  private static final class Walk {
    private final Side first;
    private final Side second;
    private final PageCensus census;
    private final Map<PageKind, Counts> kinds = new EnumMap<>(PageKind.class);

    Walk(Arena arena, CoreFile first, CoreFile second, PageCensus census) throws IOException {
      this.first = new Side(first, arena);
      this.second = new Side(second, arena);
      this.census = census;
    }

    void look(long start) throws IOException {
      first.load(start);
      second.load(start);
      for (int page = 0; page < STEP; page++) {
        boolean inFirst = first.has(start + page);
        boolean inSecond = second.has(start + page);
        if (inFirst || inSecond) {
          kinds.merge(census.kind(start + page), counts(page, inFirst, inSecond), Counts::plus);
        }
      }
    }

    private Counts counts(int page, boolean inFirst, boolean inSecond) {
      if (!inSecond) {
        return new Counts(0, 0, 0, 1, 0);
      }
      if (!inFirst) {
        return new Counts(0, 0, 0, 0, 1);
      }
      int from = page * Pages.SIZE;
      int to = from + Pages.SIZE;
      int at = Arrays.mismatch(first.bytes, from, to, second.bytes, from, to);
      return at < 0 ? new Counts(1, 0, 0, 0, 0) : new Counts(0, 1, differing(from + at, to), 0, 0);
    }

    private long differing(int from, int to) {
      long count = 0;
      for (int i = from; i < to; i++) {
        count += first.bytes[i] == second.bytes[i] ? 0 : 1;
      }
      return count;
    }
  }

  /** One of the two, a megabyte at a time. */
  private static final class Side {
    private final Frames frames;
    private final PageSet stored;
    private final PageSet zero;
    private final byte[] bytes = new byte[STEP * Pages.SIZE];

    Side(CoreFile core, Arena arena) throws IOException {
      CoreFile.Presence presence = core.presence(arena);
      frames = core.frames();
      stored = presence.stored();
      zero = presence.zero();
    }

    boolean has(long pfn) {
      return isIn(stored, pfn) || isIn(zero, pfn);
    }

    private static boolean isIn(PageSet set, long pfn) {
      return pfn < set.limit() && set.contains(pfn);
    }

    void load(long start) throws IOException {
      Arrays.fill(bytes, (byte) 0);
      long end = Math.min(start + STEP, stored.limit());
      for (long pfn = start; pfn < end; pfn++) {
        long pages = stored.runFrom(pfn, end - pfn);
        if (pages == 0) {
          continue;
        }
        PageRange run = new PageRange(pfn, pfn + pages);
        try (Frames.Lease lease = frames.lease(run)) {
          MemorySegment.copy(
              lease.memory(),
              ValueLayout.JAVA_BYTE,
              0,
              bytes,
              (int) Pages.address(run.start() - start),
              (int) run.bytes());
        }
        pfn = run.end() - 1;
      }
    }
  }
}
