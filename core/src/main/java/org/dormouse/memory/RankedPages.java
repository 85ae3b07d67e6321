package org.dormouse.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The pages of a set numbered from 0 in ascending order: page to number ({@link #rank}) and number
 * to page ({@link #select}), each in well under a microsecond.
 *
 * <p>It keeps one count for each 4096 pages, 512 KiB for each TiB of memory, and counts bits from
 * there. The set must not change as long as this is in use. Safe for concurrent use if the arena is
 * shared.
 */
public final class RankedPages {
  /** log2 of the bitmap words that share one count: 64 words, 4096 pages. */
  private static final int BLOCK_SHIFT = 6;

  private static final ValueLayout.OfLong COUNT = ValueLayout.JAVA_LONG;

  private final PageSet pages;
  private final long count;

  /** For each block, how many pages of the set lie before it. */
  private final MemorySegment before;

  private RankedPages(PageSet pages, MemorySegment before, long count) {
    this.pages = pages;
    this.before = before;
    this.count = count;
  }

  /**
   * Numbers the pages of a set.
   *
   * @param arena owns the counts
   * @param pages what to number; not copied
   */
  public static RankedPages of(Arena arena, PageSet pages) {
    long blocks = ((Math.max(1, pages.wordCount()) - 1) >>> BLOCK_SHIFT) + 1;
    MemorySegment before = arena.allocate(COUNT, blocks);
    long count = 0;
    for (long word = 0; word < pages.wordCount(); word++) {
      if ((word & ((1 << BLOCK_SHIFT) - 1)) == 0) {
        before.setAtIndex(COUNT, word >>> BLOCK_SHIFT, count);
      }
      count += Long.bitCount(pages.word(word));
    }
    return new RankedPages(pages, before, count);
  }

  /** The set that is numbered. */
  public PageSet pages() {
    return pages;
  }

  /** How many pages the set has. */
  public long count() {
    return count;
  }

  /**
   * How many pages of the set lie below {@code pfn}: its number, if it is in the set.
   *
   * @param pfn 0 or more; may be past the limit of the set
   */
  public long rank(long pfn) {
    if (pfn >= pages.limit()) {
      return count;
    }
    long word = pfn >>> Long.numberOfTrailingZeros(Long.SIZE);
    long block = word >>> BLOCK_SHIFT;
    long rank = before.getAtIndex(COUNT, block);
    for (long i = block << BLOCK_SHIFT; i < word; i++) {
      rank += Long.bitCount(pages.word(i));
    }
    return rank + Long.bitCount(pages.word(word) & ~(-1L << pfn));
  }

  /**
   * The PFN of the page with a number.
   *
   * @throws IndexOutOfBoundsException if {@code number} is not in {@code [0, count)}
   */
  public long select(long number) {
    if (number < 0 || number >= count) {
      throw new IndexOutOfBoundsException("page number " + number + " of " + count);
    }
    long block = blockOf(number);
    long left = number - before.getAtIndex(COUNT, block);
    for (long word = block << BLOCK_SHIFT; ; word++) {
      long bits = pages.word(word);
      int here = Long.bitCount(bits);
      if (left < here) {
        // The bit that stands for the page is the one that the left-th bit is deposited on.
        return word * Long.SIZE + Long.numberOfTrailingZeros(Long.expand(1L << left, bits));
      }
      left -= here;
    }
  }

  /** The last block with at most {@code number} pages before it. */
  private long blockOf(long number) {
    long low = 0;
    long high = before.byteSize() / COUNT.byteSize();
    while (high - low > 1) {
      long middle = (low + high) >>> 1;
      if (before.getAtIndex(COUNT, middle) <= number) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
