package org.dormouse.image;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.dormouse.memory.Frames;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;

/**
 * The frames of one window at a time, in either direction: leased at once where everything between
 * the first and the last page may be leased, else run by run.
 */
final class WindowFrames {
  /** What is done with frames while they are leased. */
  interface Use {
    /**
     * Uses the pages of the window that are in {@code [start, end)}.
     *
     * @param memory those and, where they are not asked for, the ones in between
     * @param start the number in the window of the first page of {@code memory}
     * @param end the number after the last one
     */
    void of(MemorySegment memory, int start, int end) throws IOException;
  }

  private final Frames frames;
  private final PageSet reachable;

  /**
   * Frames.
   *
   * @param reachable which may be leased
   */
  WindowFrames(Frames frames, PageSet reachable) {
    this.frames = frames;
    this.reachable = reachable;
  }

  /** Leases {@code pages}, at least one, of the window that begins at PFN {@code window}. */
  void each(long window, WindowPages pages, Use use) throws IOException {
    int first = pages.next(0);
    int last = pages.last();
    PageRange span = new PageRange(window + first, window + last + 1);
    if (reachable.countIn(span) == span.count()) {
      lease(window, first, last + 1, use);
      return;
    }
    for (int start = first, end; start < WindowPages.COUNT; start = pages.next(end)) {
      end = pages.nextAbsent(start);
      lease(window, start, end, use);
    }
  }

  private void lease(long window, int start, int end, Use use) throws IOException {
    try (Frames.Lease lease = frames.lease(new PageRange(window + start, window + end))) {
      use.of(lease.memory(), start, end);
    }
  }
}
