package org.dormouse.image;

import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;

/** Hands out the windows of a set of pages, each once, to whoever has time for the next one. */
final class WindowCursor {
  /** What {@link #next} says after the last window. */
  static final long END = -1;

  private final PageSet pages;
  private long from;

  WindowCursor(PageSet pages) {
    this.pages = pages;
  }

  /** The PFN of the first page of the next window that has pages of the set, or {@link #END}. */
  synchronized long next() {
    long pfn = pages.next(from);
    if (pfn == pages.limit()) {
      return END;
    }
    long window = Pages.alignDown(pfn, WindowPages.COUNT);
    from = window + WindowPages.COUNT;
    return window;
  }
}
