package org.dormouse.vmcore;

import java.util.ArrayList;
import java.util.List;
import org.dormouse.boot.ElfCoreHeaders;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;

/**
 * A piece of {@code /proc/vmcore} that is mapped at once. The page tables of a mapping are built
 * when it is made, 8 bytes for each page, so a whole machine is looked at window by window.
 *
 * @param pages the pages of the other kernel's memory
 * @param fileOffset where they begin in the file, in bytes
 */
public record VmcoreWindow(PageRange pages, long fileOffset) {
  /** Pages in a window: 64 MiB, 128 KiB of page tables. */
  public static final long PAGES = (64L << 20) / Pages.SIZE;

  /**
   * Cuts what the file holds into windows that begin at multiples of {@link #PAGES}, in ascending
   * order of file.
   */
  public static List<VmcoreWindow> of(List<ElfCoreHeaders.Load> loads) {
    List<VmcoreWindow> windows = new ArrayList<>();
    for (ElfCoreHeaders.Load load : loads) {
      long pfn = load.pages().start();
      while (pfn < load.pages().end()) {
        long next = Math.min(load.pages().end(), Pages.alignDown(pfn, PAGES) + PAGES);
        long into = Pages.address(pfn - load.pages().start());
        windows.add(new VmcoreWindow(new PageRange(pfn, next), load.fileOffset() + into));
        pfn = next;
      }
    }
    return windows;
  }
}
