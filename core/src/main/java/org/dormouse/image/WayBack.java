package org.dormouse.image;

import org.dormouse.memory.PageRange;

/**
 * How to get back into the original kernel, once its memory is in place.
 *
 * @param saverRegion the pages that the saver kernel ran in: not in the image, free for the stub
 * @param lowMemory the low pages that were swapped out for the saver kernel: not in the image
 * @param jumpBackEntry the physical address to jump to
 * @param pagingLevels the paging mode that the original kernel ran in: 4 or 5 levels
 */
public record WayBack(
    PageRange saverRegion, PageRange lowMemory, long jumpBackEntry, int pagingLevels) {
  /**
   * Checks the paging mode.
   *
   * @throws IllegalArgumentException if it is neither 4 nor 5 levels
   */
  public WayBack {
    if (pagingLevels != 4 && pagingLevels != 5) {
      throw new IllegalArgumentException("page tables of " + pagingLevels + " levels");
    }
  }

  static WayBack none() {
    return new WayBack(new PageRange(0, 0), new PageRange(0, 0), 0, 4);
  }
}
