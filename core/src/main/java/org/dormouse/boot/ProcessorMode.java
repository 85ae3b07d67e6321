package org.dormouse.boot;

/** What the processor takes instructions for, and whether it translates addresses. */
public enum ProcessorMode {
  /** Long mode: 64 bits, page tables that map each address to itself. */
  LONG(64),
  /** Protected mode: 32 bits, flat segments, no paging. */
  PROTECTED(32),
  /** Real mode: 16 bits, segments of 64 KiB below 1 MiB. */
  REAL(16);

  private final int bits;

  ProcessorMode(int bits) {
    this.bits = bits;
  }

  /**
   * The mode of so many bits.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static ProcessorMode ofBits(long bits) {
    for (ProcessorMode mode : values()) {
      if (mode.bits == bits) {
        return mode;
      }
    }
    throw new IllegalArgumentException("there is no mode of " + bits + " bits");
  }

  /** How wide its registers are by default: 64, 32 or 16. */
  public int bits() {
    return bits;
  }

  /** Where in memory a program can lie: the address after the last byte. */
  public long limit() {
    return switch (this) {
      case LONG -> 1L << 52;
      case PROTECTED -> 1L << 32;
      case REAL -> 1L << 20;
    };
  }
}
