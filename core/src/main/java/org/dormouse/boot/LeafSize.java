package org.dormouse.boot;

/** The size of the pages that a page table maps. */
public enum LeafSize {
  /** 2 MiB: every x86-64 processor can. */
  LARGE(21),
  /** 1 GiB: processors with the flag {@code pdpe1gb} in {@code /proc/cpuinfo}. */
  HUGE(30);

  private final int shift;

  LeafSize(int shift) {
    this.shift = shift;
  }

  /** log2 of the size in bytes. */
  public int shift() {
    return shift;
  }

  /** The size in bytes. */
  public long bytes() {
    return 1L << shift;
  }
}
