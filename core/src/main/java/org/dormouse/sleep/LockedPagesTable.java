package org.dormouse.sleep;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * A growing table of extents off the heap, one row of 24 bytes for each: virtual address, first
 * PFN, number of pages. Grows block by block, so that nothing is ever copied or held twice.
 */
final class LockedPagesTable {
  private static final ValueLayout.OfLong FIELD = ValueLayout.JAVA_LONG;
  private static final long ADDRESS = 0;
  private static final long PFN = FIELD.byteSize();
  private static final long PAGES = 2 * FIELD.byteSize();
  private static final long ROW_SIZE = 3 * FIELD.byteSize();

  /** log2 of the rows in a block: 4096 rows, 96 KiB. */
  private static final int BLOCK_SHIFT = 12;

  /** So few rows are sorted faster by insertion. */
  private static final long FEW = 16;

  private final Arena arena;
  private MemorySegment[] blocks = new MemorySegment[0];
  private long rows;

  LockedPagesTable(Arena arena) {
    this.arena = arena;
  }

  long rows() {
    return rows;
  }

  long address(long row) {
    return get(row, ADDRESS);
  }

  long pfn(long row) {
    return get(row, PFN);
  }

  long pages(long row) {
    return get(row, PAGES);
  }

  /** The PFN after the last page of the extent. */
  long end(long row) {
    return pfn(row) + pages(row);
  }

  void setPages(long row, long pages) {
    set(row, PAGES, pages);
  }

  void append(long address, long pfn, long pages) {
    int block = (int) (rows >>> BLOCK_SHIFT);
    if (block == blocks.length) {
      blocks = Arrays.copyOf(blocks, block + 1);
      blocks[block] = arena.allocate(ROW_SIZE << BLOCK_SHIFT, FIELD.byteAlignment());
    }
    write(rows++, address, pfn, pages);
  }

  /**
   * Sorts the rows by PFN, in place: a radix exchange sort, highest bit first. Its depth is the
   * number of bits in a PFN and no order of the rows is a bad one.
   */
  void sortByPfn() {
    long highest = 0;
    for (long row = 0; row < rows; row++) {
      highest = Math.max(highest, pfn(row));
    }
    sort(0, rows, Long.highestOneBit(highest));
  }

  private void sort(long from, long to, long bit) {
    if (to - from <= FEW || bit == 0) {
      sortFew(from, to);
      return;
    }
    long low = from;
    long high = to;
    while (low < high) {
      if ((pfn(low) & bit) == 0) {
        low++;
      } else if ((pfn(high - 1) & bit) != 0) {
        high--;
      } else {
        swap(low++, --high);
      }
    }
    sort(from, low, bit >>> 1);
    sort(low, to, bit >>> 1);
  }

  private void sortFew(long from, long to) {
    for (long row = from + 1; row < to; row++) {
      for (long at = row; at > from && pfn(at) < pfn(at - 1); at--) {
        swap(at, at - 1);
      }
    }
  }

  private void swap(long a, long b) {
    long address = address(a);
    long pfn = pfn(a);
    long pages = pages(a);
    write(a, address(b), pfn(b), pages(b));
    write(b, address, pfn, pages);
  }

  private void write(long row, long address, long pfn, long pages) {
    set(row, ADDRESS, address);
    set(row, PFN, pfn);
    set(row, PAGES, pages);
  }

  private long get(long row, long field) {
    return block(row).get(FIELD, offset(row) + field);
  }

  private void set(long row, long field, long value) {
    block(row).set(FIELD, offset(row) + field, value);
  }

  private MemorySegment block(long row) {
    return blocks[(int) (row >>> BLOCK_SHIFT)];
  }

  private static long offset(long row) {
    return (row & ((1L << BLOCK_SHIFT) - 1)) * ROW_SIZE;
  }
}
