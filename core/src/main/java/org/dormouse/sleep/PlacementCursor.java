package org.dormouse.sleep;

import org.dormouse.memory.PageSet;
import org.dormouse.memory.RankedPages;

/**
 * Tells where pages of the image are to be written, run by run. Any order will do, ascending within
 * a chunk is quickest:
 *
 * <pre>{@code
 * for (long done = 0; done < pages; done += cursor.pages()) {
 *   cursor.seek(firstPfn + done, pages - done);
 *   // write cursor.pages() pages at cursor.address()
 * }
 * }</pre>
 *
 * <p>Mutable; one for each thread.
 */
public final class PlacementCursor {
  private final PageSet image;
  private final RankedPages parked;
  private final RankedPages spare;
  private final LockedPages locked;

  private long frame;
  private long address;
  private long pages;

  PlacementCursor(PageSet image, RankedPages parked, RankedPages spare, LockedPages locked) {
    this.image = image;
    this.parked = parked;
    this.spare = spare;
    this.locked = locked;
  }

  /**
   * Goes to page {@code pfn} of the image.
   *
   * @param pfn a page of the image
   * @param max how many pages, from {@code pfn} on, are wanted: 1 or more
   * @throws IllegalArgumentException if {@code pfn} is not in the image, or its place is not in the
   *     locked pages that this cursor was made with
   */
  public void seek(long pfn, long max) {
    long run = image.runFrom(pfn, max);
    if (run == 0) {
      throw new IllegalArgumentException("page " + pfn + " is not in the image");
    }
    long parkedRun = parked.pages().runFrom(pfn, run);
    if (parkedRun == 0) {
      frame = pfn;
    } else {
      frame = spare.select(parked.rank(pfn));
      run = spare.pages().runFrom(frame, parkedRun);
    }
    address = locked.addressOf(frame);
    pages = locked.runFrom(frame, run);
  }

  /** The virtual address, in bytes, at which to write. */
  public long address() {
    return address;
  }

  /** How many pages follow each other both in the image and at {@link #address}: 1 or more. */
  public long pages() {
    return pages;
  }

  /** The PFN of the page at {@link #address}: that of the image's page, unless it is parked. */
  public long frame() {
    return frame;
  }
}
