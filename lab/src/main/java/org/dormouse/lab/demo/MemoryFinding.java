package org.dormouse.lab.demo;

/** Whether the workload's memory holds what it should. */
final class MemoryFinding {
  private static final int PAGE_BYTES = 4096;

  private MemoryFinding() {}

  /**
   * @param before the guest before it slept
   * @param verified what the workload found when it looked at all of its memory
   */
  static Finding of(GuestState before, GuestState verified) {
    long checked = verified.number("checked_pages");
    long wrong = verified.number("wrong_pages");
    long filled = before.number("filled_bytes") / PAGE_BYTES;
    if (checked != filled) {
      return new Finding.Wrong(
          "%d pages of memory were filled, and %d are left".formatted(filled, checked));
    }
    return wrong == 0
        ? new Finding.Same("memory: all %d digests right".formatted(checked))
        : new Finding.Wrong("%d of %d pages of memory are wrong".formatted(wrong, checked));
  }
}
