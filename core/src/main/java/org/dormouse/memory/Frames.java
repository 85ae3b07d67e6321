package org.dormouse.memory;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * The page frames of another kernel, as this one can reach them: what an image is made of, and what
 * it is restored to. Both directions of the walk use it.
 *
 * <p>Safe for concurrent use; each lease is for one thread.
 */
public interface Frames {
  /** Pages in a window: 64 MiB. A lease never reaches over a multiple of this. */
  long WINDOW_PAGES = (64L << 20) >>> Pages.SHIFT;

  /**
   * Makes frames reachable until the lease is closed.
   *
   * @param frames not empty, RAM of the other kernel, within one window
   * @throws IOException if they cannot be reached
   */
  Lease lease(PageRange frames) throws IOException;

  /** The right to use some frames. */
  interface Lease extends AutoCloseable {
    /** Native memory of exactly these frames, valid until the lease is closed. */
    MemorySegment memory();

    /** Gives the frames back. */
    @Override
    void close();
  }
}
