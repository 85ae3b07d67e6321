package org.dormouse.memory;

/** The page size of x86-64 and the conversions between bytes and pages. */
public final class Pages {
  /** log2 of the page size: {@code PAGE_SHIFT} in {@code arch/x86/include/asm/page_types.h}. */
  public static final int SHIFT = 12;

  /** Bytes in a page. */
  public static final int SIZE = 1 << SHIFT;

  /** Bytes in a large page: {@code PMD_SIZE} in {@code arch/x86/include/asm/pgtable_64_types.h}. */
  public static final long LARGE_SIZE = 2L << 20;

  private Pages() {}

  /** The number of whole pages that {@code bytes} needs: rounded up. */
  public static long holding(long bytes) {
    return (bytes + SIZE - 1) >>> SHIFT;
  }

  /** The PFN of the page that holds the byte at {@code address}: rounded down. */
  public static long pfn(long address) {
    return address >>> SHIFT;
  }

  /** The physical address, in bytes, of the first byte of page {@code pfn}. */
  public static long address(long pfn) {
    return pfn << SHIFT;
  }

  /** {@code value} rounded up to a multiple of {@code alignment}, a power of two. */
  public static long alignUp(long value, long alignment) {
    return (value + alignment - 1) & -alignment;
  }

  /** {@code value} rounded down to a multiple of {@code alignment}, a power of two. */
  public static long alignDown(long value, long alignment) {
    return value & -alignment;
  }
}
