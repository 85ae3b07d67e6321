package org.dormouse.boot;

import java.lang.foreign.MemorySegment;
import org.dormouse.memory.Pages;

/**
 * Page tables that map every address to itself.
 *
 * <p>Format: Intel SDM volume 3A, section 4.5 "4-level paging and 5-level paging". The root is the
 * first page; the tables of one level lie together, the higher level first.
 */
public final class PageTables {
  private static final int INDEX_BITS = 9;
  private static final int ENTRIES = 1 << INDEX_BITS;
  // Set in advance, so that the processor need not write: P, R/W, A; in leaves D and PS too.
  private static final long TABLE = 0x23;
  private static final long LEAF = 0xe3;

  private PageTables() {}

  /**
   * How many pages the tables take.
   *
   * @param limit the byte address up to which they map, above 0
   * @throws IllegalArgumentException if the mode has no virtual addresses up to {@code limit}
   */
  public static long pagesNeeded(PagingMode mode, LeafSize leaf, long limit) {
    checkLimit(mode, limit);
    long pages = 0;
    for (int shift = topShift(mode); shift >= leaf.shift(); shift -= INDEX_BITS) {
      pages += entries(shift + INDEX_BITS, limit);
    }
    return pages;
  }

  /**
   * The tables that map {@code [0, limit)}, rounded up to whole leaves, readable, writable and
   * executable.
   *
   * @param limit the byte address up to which they map, above 0
   * @param base the physical address at which the tables will lie, page aligned; what goes into CR3
   * @return {@link #pagesNeeded} pages
   * @throws IllegalArgumentException if {@code base} is not page aligned, or the mode has no
   *     virtual addresses up to {@code limit}
   */
  public static byte[] identity(PagingMode mode, LeafSize leaf, long limit, long base) {
    if (base < 0 || base % Pages.SIZE != 0) {
      throw new IllegalArgumentException(
          String.format("page tables at 0x%x, not page aligned", base));
    }
    byte[] bytes = new byte[Math.toIntExact(pagesNeeded(mode, leaf, limit) * Pages.SIZE)];
    MemorySegment tables = MemorySegment.ofArray(bytes);
    long level = 0;
    for (int shift = topShift(mode); shift >= leaf.shift(); shift -= INDEX_BITS) {
      long nextLevel = level + entries(shift + INDEX_BITS, limit) * Pages.SIZE;
      for (long i = 0; i < entries(shift, limit); i++) {
        long entry =
            shift == leaf.shift()
                ? (i << shift) | LEAF
                : (base + nextLevel + i * Pages.SIZE) | TABLE;
        tables.set(LittleEndian.U64, level + i * Long.BYTES, entry);
      }
      level = nextLevel;
    }
    return bytes;
  }

  /** log2 of how much one entry of the root maps. */
  private static int topShift(PagingMode mode) {
    return Pages.SHIFT + (mode.levels() - 1) * INDEX_BITS;
  }

  /**
   * How many entries of {@code 1 << shift} bytes each it takes to map up to {@code limit}. Also the
   * number of tables one level down.
   */
  private static long entries(int shift, long limit) {
    return ((limit - 1) >>> shift) + 1;
  }

  private static void checkLimit(PagingMode mode, long limit) {
    // Half of the virtual addresses are negative.
    long most = (ENTRIES / 2L) << topShift(mode);
    if (limit <= 0 || limit > most) {
      throw new IllegalArgumentException(
          String.format("cannot map up to 0x%x in %s paging", limit, mode));
    }
  }
}
