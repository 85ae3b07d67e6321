package org.dormouse.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A set of pages: one bit for each PFN in {@code [0, limit)}, off the heap, 32 KiB for each GiB of
 * memory.
 *
 * <p>The set lives as long as the arena that it was made in. It is not safe for concurrent change.
 */
public final class PageSet {
  private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG;
  private static final int WORD_SHIFT = 6;
  private static final long ALL = -1L;

  private final MemorySegment words;
  private final long limit;

  private PageSet(MemorySegment words, long limit) {
    this.words = words;
    this.limit = limit;
  }

  /**
   * An empty set of pages in {@code [0, limit)}.
   *
   * @param arena owns the bits
   * @param limit the PFN after the last one that the set can hold
   * @throws IllegalArgumentException if the limit is negative
   */
  public static PageSet empty(Arena arena, long limit) {
    if (limit < 0) {
      throw new IllegalArgumentException("a set of " + limit + " pages");
    }
    long wordCount = (limit + Long.SIZE - 1) >>> WORD_SHIFT;
    return new PageSet(arena.allocate(Math.max(1, wordCount) * Long.BYTES, Long.BYTES), limit);
  }

  /** A set of the pages of {@code ranges}. */
  public static PageSet of(Arena arena, long limit, Iterable<PageRange> ranges) {
    PageSet set = empty(arena, limit);
    for (PageRange range : ranges) {
      set.add(range);
    }
    return set;
  }

  /** A copy of this set that shares nothing with it. */
  public PageSet copy(Arena arena) {
    PageSet copy = empty(arena, limit);
    copy.words.copyFrom(words);
    return copy;
  }

  /** The PFN after the last one that the set can hold. */
  public long limit() {
    return limit;
  }

  /** Whether page {@code pfn} is in the set; no page at or past the limit is. */
  public boolean contains(long pfn) {
    return pfn < limit && ((word(pfn >>> WORD_SHIFT) >>> pfn) & 1) != 0;
  }

  /** Adds page {@code pfn}, which must be below the limit. */
  public void add(long pfn) {
    check(pfn, pfn + 1);
    setWord(pfn >>> WORD_SHIFT, word(pfn >>> WORD_SHIFT) | 1L << pfn);
  }

  /** Takes page {@code pfn}, which must be below the limit, out. */
  public void remove(long pfn) {
    check(pfn, pfn + 1);
    setWord(pfn >>> WORD_SHIFT, word(pfn >>> WORD_SHIFT) & ~(1L << pfn));
  }

  /**
   * The 64 pages from {@code pfn} on, a multiple of 64, the first in the lowest bit; no page at or
   * past the limit is in the set.
   */
  public long bits(long pfn) {
    return pfn < limit ? word(pfn >>> WORD_SHIFT) : 0;
  }

  /**
   * Adds those of the 64 pages from {@code pfn} on, a multiple of 64, whose bits are set in {@code
   * bits}; not those at or past the limit.
   */
  public void addBits(long pfn, long bits) {
    if (pfn < limit) {
      long inside = limit - pfn < Long.SIZE ? bits & ~(ALL << limit) : bits;
      setWord(pfn >>> WORD_SHIFT, word(pfn >>> WORD_SHIFT) | inside);
    }
  }

  /** Takes those of the 64 pages from {@code pfn} on out whose bits are set in {@code bits}. */
  public void removeBits(long pfn, long bits) {
    if (pfn < limit) {
      setWord(pfn >>> WORD_SHIFT, word(pfn >>> WORD_SHIFT) & ~bits);
    }
  }

  /** Adds every page of {@code range}, which must end at or below the limit. */
  public void add(PageRange range) {
    fill(range, ALL);
  }

  /** Takes every page of {@code range}, which must end at or below the limit, out. */
  public void remove(PageRange range) {
    fill(range, 0);
  }

  /** Adds every page of {@code other}, a set with the same limit. */
  public void addAll(PageSet other) {
    checkSameLimit(other);
    for (long i = 0; i < wordCount(); i++) {
      setWord(i, word(i) | other.word(i));
    }
  }

  /** Takes every page of {@code other}, a set with the same limit, out. */
  public void removeAll(PageSet other) {
    checkSameLimit(other);
    for (long i = 0; i < wordCount(); i++) {
      setWord(i, word(i) & ~other.word(i));
    }
  }

  /** Keeps only the pages that are in {@code other} too, a set with the same limit. */
  public void retainAll(PageSet other) {
    checkSameLimit(other);
    for (long i = 0; i < wordCount(); i++) {
      setWord(i, word(i) & other.word(i));
    }
  }

  /** How many pages the set has. */
  public long count() {
    long count = 0;
    for (long i = 0; i < wordCount(); i++) {
      count += Long.bitCount(word(i));
    }
    return count;
  }

  /** How many pages of {@code range} are in the set; the range may reach past the limit. */
  public long countIn(PageRange range) {
    long end = Math.min(range.end(), limit);
    if (range.start() >= end) {
      return 0;
    }
    long first = range.start() >>> WORD_SHIFT;
    long last = (end - 1) >>> WORD_SHIFT;
    long count = -Long.bitCount(word(first) & ~(ALL << range.start()));
    for (long i = first; i < last; i++) {
      count += Long.bitCount(word(i));
    }
    return count + Long.bitCount(word(last) & ALL >>> -end);
  }

  /** Whether the set has no page. */
  public boolean isEmpty() {
    return next(0) == limit;
  }

  /** The first page at or after {@code from} that is in the set, or the limit if there is none. */
  public long next(long from) {
    return scan(from, 0);
  }

  /**
   * The first page at or after {@code from} that is not in the set, or the limit if there is none.
   */
  public long nextAbsent(long from) {
    return scan(from, ALL);
  }

  /**
   * The first run of neighbouring pages at or after {@code from}, cut off at {@code from} on the
   * left. Empty, and at the limit, when there is none: {@code for (run = nextRun(0);
   * !run.isEmpty(); run = nextRun(run.end()))}.
   */
  public PageRange nextRun(long from) {
    long start = next(from);
    return new PageRange(start, nextAbsent(start));
  }

  /**
   * How many pages from {@code pfn} on are in the set without a gap, at most {@code max}; 0 if
   * {@code pfn} is not in it. Looks no further than it must, unlike {@link #nextRun}.
   */
  public long runFrom(long pfn, long max) {
    long run = 0;
    while (run < max && pfn + run < limit) {
      long at = pfn + run;
      long here =
          Math.min(Long.numberOfTrailingZeros(~(word(at >>> WORD_SHIFT) >>> at)), 64 - (at & 63));
      run += here;
      if (here == 0 || ((at + here) & 63) != 0) {
        break;
      }
    }
    return Math.min(run, max);
  }

  private long scan(long from, long flip) {
    if (from >= limit) {
      return limit;
    }
    long index = from >>> WORD_SHIFT;
    long bits = (word(index) ^ flip) & ALL << from;
    long last = wordCount() - 1;
    while (bits == 0 && index < last) {
      bits = word(++index) ^ flip;
    }
    return bits == 0
        ? limit
        : Math.min(limit, (index << WORD_SHIFT) + Long.numberOfTrailingZeros(bits));
  }

  private void fill(PageRange range, long value) {
    if (range.isEmpty()) {
      return;
    }
    check(range.start(), range.end());
    long first = range.start() >>> WORD_SHIFT;
    long last = (range.end() - 1) >>> WORD_SHIFT;
    long firstMask = ALL << range.start();
    long lastMask = ALL >>> -range.end();
    if (first == last) {
      merge(first, firstMask & lastMask, value);
      return;
    }
    merge(first, firstMask, value);
    words.asSlice((first + 1) * Long.BYTES, (last - first - 1) * Long.BYTES).fill((byte) value);
    merge(last, lastMask, value);
  }

  private void merge(long index, long mask, long value) {
    setWord(index, (word(index) & ~mask) | (value & mask));
  }

  /** The bits of the 64 pages from {@code 64 * index} on, the lowest page in the lowest bit. */
  long word(long index) {
    return words.getAtIndex(WORD, index);
  }

  private void setWord(long index, long value) {
    words.setAtIndex(WORD, index, value);
  }

  /** How many words there are; bits past the limit are 0. */
  long wordCount() {
    return words.byteSize() / Long.BYTES;
  }

  private void check(long start, long end) {
    if (start < 0 || end > limit) {
      throw new IndexOutOfBoundsException(
          "pages [" + start + ", " + end + ") of a set of " + limit);
    }
  }

  private void checkSameLimit(PageSet other) {
    if (other.limit != limit) {
      throw new IllegalArgumentException("sets of " + limit + " and of " + other.limit + " pages");
    }
  }
}
