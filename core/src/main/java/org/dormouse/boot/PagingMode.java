package org.dormouse.boot;

/**
 * How deep the processor's page tables are: {@code CR4.LA57}. It cannot be changed while paging is
 * on, so that all kernels that jump to one another must run in the same mode.
 */
public enum PagingMode {
  /** 48-bit virtual addresses: CR4.LA57 is 0. */
  FOUR_LEVEL(4),
  /** 57-bit virtual addresses: CR4.LA57 is 1. */
  FIVE_LEVEL(5);

  private final int levels;

  PagingMode(int levels) {
    this.levels = levels;
  }

  /**
   * The mode with so many levels.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static PagingMode ofLevels(long levels) {
    for (PagingMode mode : values()) {
      if (mode.levels == levels) {
        return mode;
      }
    }
    throw new IllegalArgumentException("page tables of " + levels + " levels");
  }

  /** The number of levels of tables when the leaves are 4 KiB pages. */
  public int levels() {
    return levels;
  }
}
