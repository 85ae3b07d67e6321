package org.dormouse.sleep;

import org.dormouse.memory.Pages;

/**
 * How large an image may be, so that the resume kernel has room for it beside itself: every page of
 * the image needs a page that the resume kernel does not use. Decided before the sleep, since an
 * image that does not fit is lost.
 */
final class ResumeCapacity {
  /**
   * What the resume kernel and its agent take beside kernel and files, in bytes: slabs and per-CPU
   * memory, Java, and what {@link ResumeAttempt} leaves unlocked. Seen: 90 to 120 MiB with 2 and 4
   * CPUs; the rest is margin.
   */
  private static final long WORKING_BYTES = 136L << 20;

  /**
   * One page of this many goes into page structs, hash tables and page tables; 64 bytes of each
   * 4096 are the structs.
   */
  private static final long OVERHEAD_SHARE = 24;

  private ResumeCapacity() {}

  /**
   * The largest image that a resume is sure to have room for, in pages; 0 if there is none.
   *
   * @param ramPages the machine's RAM
   * @param kernelBytes what the kernel takes when it runs
   * @param filesBytes what its initramfs takes unpacked
   */
  static long mostPages(long ramPages, long kernelBytes, long filesBytes) {
    long taken =
        Pages.holding(kernelBytes)
            + Pages.holding(filesBytes)
            + Pages.holding(WORKING_BYTES)
            + ramPages / OVERHEAD_SHARE;
    return Math.max(0, ramPages - taken);
  }
}
