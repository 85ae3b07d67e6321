package org.dormouse.image;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.dormouse.memory.Frames;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;

/**
 * A machine to restore into that sees what is written where it must not be. Used again and again;
 * for one thread that restores.
 *
 * <p>A small one has memory for each page, and for what lies between its RAM. A large one has a
 * window of memory, which is lent for whatever is asked for.
 */
final class RestoreTarget implements Frames {
  private static final byte NONSENSE = 0x5a;

  /** Below this, a machine has all of its memory. */
  private static final long SMALL = 1024;

  private final PageSet permitted;
  private final List<PageRange> extents;
  private final List<MemorySegment> memory;
  private final MemorySegment window;
  private final MemorySegment nonsense;
  private long leased;

  /**
   * A machine.
   *
   * @param arena owns its memory
   * @param ram what may be written
   * @param besides what lies there too
   */
  RestoreTarget(Arena arena, List<PageRange> ram, PageRange besides) {
    long limit = ram.stream().mapToLong(PageRange::end).max().orElse(0);
    permitted = PageSet.of(arena, limit, ram);
    PageSet all = permitted.copy(arena);
    boolean small = permitted.count() < SMALL;
    if (small) {
      all.add(besides);
    }
    extents = small ? runs(all) : List.of();
    memory = extents.stream().map(extent -> arena.allocate(extent.bytes(), Pages.SIZE)).toList();
    window = arena.allocate(WindowPages.BYTES, Pages.SIZE);
    nonsense = arena.allocate(Pages.SIZE, Pages.SIZE).fill(NONSENSE);
    reset();
  }

  private static List<PageRange> runs(PageSet set) {
    List<PageRange> runs = new java.util.ArrayList<>();
    for (PageRange run = set.nextRun(0); !run.isEmpty(); run = set.nextRun(run.end())) {
      runs.add(run);
    }
    return runs;
  }

  PageSet permitted() {
    return permitted;
  }

  /** Forgets what was written. */
  void reset() {
    memory.forEach(extent -> extent.fill(NONSENSE));
    leased = 0;
  }

  /** What is in a page that may be written. */
  MemorySegment page(long pfn) {
    return memoryOf(new PageRange(pfn, pfn + 1));
  }

  /** How many pages were lent, those in between included. */
  long leasedPages() {
    return leased;
  }

  /** How many pages that may be written are not as they were. */
  long changedPages() {
    long changed = 0;
    for (int i = 0; i < extents.size(); i++) {
      PageRange extent = extents.get(i);
      for (long pfn = extent.start(); pfn < extent.end(); pfn++) {
        MemorySegment page = memory.get(i).asSlice(Pages.address(pfn - extent.start()), Pages.SIZE);
        if (page.mismatch(nonsense) != -1) {
          if (!permitted.contains(pfn)) {
            throw new AssertionError("page " + pfn + " was written");
          }
          changed++;
        }
      }
    }
    return changed;
  }

  @Override
  public Lease lease(PageRange frames) {
    if (frames.isEmpty() || permitted.countIn(frames) != frames.count()) {
      throw new AssertionError("lent, and must not be: " + frames);
    }
    leased += frames.count();
    MemorySegment lent = memoryOf(frames);
    return new Lease() {
      @Override
      public MemorySegment memory() {
        return lent;
      }

      @Override
      public void close() {}
    };
  }

  private MemorySegment memoryOf(PageRange frames) {
    for (int i = 0; i < extents.size(); i++) {
      if (extents.get(i).contains(frames)) {
        long from = Pages.address(frames.start() - extents.get(i).start());
        return memory.get(i).asSlice(from, frames.bytes());
      }
    }
    return window.asSlice(0, frames.bytes());
  }
}
