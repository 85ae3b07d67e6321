package org.dormouse.initramfs;

/** How much time goes into packing an initramfs. */
public enum Compression {
  /** A second, for trying things out. */
  QUICK(3),
  /** The highest level whose window of 8 MiB the kernel still unpacks. */
  BEST(19);

  private final int level;

  Compression(int level) {
    this.level = level;
  }

  int level() {
    return level;
  }
}
