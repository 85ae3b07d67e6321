package org.dormouse.image;

import java.lang.foreign.MemorySegment;

/**
 * Where the pages of an image go. Several threads ask at once; each page is asked for once and
 * filled once.
 */
public interface PageSink {
  /**
   * How many pages from {@code pfn} on have places that follow each other in virtual memory.
   *
   * @param pfn the PFN, in the image, of the first page
   * @param maxPages how many are wanted, 1 or more
   * @return 1 to {@code maxPages}
   */
  long run(long pfn, long maxPages);

  /**
   * The place of {@code pages} pages from {@code pfn} on, as many as {@link #run} granted or fewer.
   *
   * @return native memory of exactly that size
   */
  MemorySegment at(long pfn, long pages);
}
