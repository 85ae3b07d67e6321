package org.dormouse.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Collection;
import java.util.List;

/**
 * A set of pages: one bit for each PFN in {@code [0, limit)}, off the heap. The bits are in blocks,
 * each of which is made when a page of it is first added: 32 KiB for each GiB that ever had a page
 * in the set. Physical memory has holes, and may begin again far behind them.
 *
 * <p>The set lives as long as the arena that it was made in. It is not safe for concurrent change.
 */
public final class PageSet {
  private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG;
  private static final int WORD_SHIFT = 6;
  private static final long ALL = -1L;

  /** log2 of the pages in a block, while there are no more than {@link #MOST_BLOCKS} then. */
  private static final int BLOCK_SHIFT = 18;

  /** How many blocks there are at most; beyond 64 TiB they are larger. The table is on the heap. */
  private static final long MOST_BLOCKS = 1 << 16;

  private final Arena arena;
  private final long limit;
  private final int blockShift;

  /** Null where no page was ever added. */
  private final MemorySegment[] blocks;

  private PageSet(Arena arena, long limit, int blockShift) {
    this.arena = arena;
    this.limit = limit;
    this.blockShift = blockShift;
    this.blocks = new MemorySegment[(int) blockCount(limit, blockShift)];
  }

  /**
   * An empty set of pages in {@code [0, limit)}.
   *
   * @param arena owns the bits
   * @param limit the PFN after the last one that the set can hold
   * @throws IllegalArgumentException if the limit is negative
   */
  public static PageSet empty(Arena arena, long limit) {
    return empty(arena, limit, blockShift(limit));
  }

  /**
   * The same with blocks of another size.
   *
   * @param blockShift log2 of the pages in a block, 6 or more
   */
  static PageSet empty(Arena arena, long limit, int blockShift) {
    if (limit < 0) {
      throw new IllegalArgumentException("a set of " + limit + " pages");
    }
    return new PageSet(arena, limit, blockShift);
  }

  /**
   * How many bytes off the heap a set takes at most whose pages are all in some ranges.
   *
   * @param limit of the set
   * @param ranges that end at or below the limit
   */
  public static long bytes(long limit, Collection<PageRange> ranges) {
    int shift = blockShift(limit);
    List<PageRange> touched =
        ranges.stream()
            .filter(range -> !range.isEmpty())
            .map(range -> new PageRange(range.start() >>> shift, ((range.end() - 1) >>> shift) + 1))
            .toList();
    long blocks = PageRange.union(touched).stream().mapToLong(PageRange::count).sum();
    return (blocks << shift) / Byte.SIZE;
  }

  private static int blockShift(long limit) {
    int shift = BLOCK_SHIFT;
    while (blockCount(limit, shift) > MOST_BLOCKS) {
      shift++;
    }
    return shift;
  }

  private static long blockCount(long limit, int blockShift) {
    return limit == 0 ? 0 : ((limit - 1) >>> blockShift) + 1;
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
    PageSet copy = new PageSet(arena, limit, blockShift);
    for (int number = 0; number < blocks.length; number++) {
      if (blocks[number] != null) {
        copy.made(number).copyFrom(blocks[number]);
      }
    }
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
    for (int number = 0; number < blocks.length; number++) {
      MemorySegment theirs = other.blocks[number];
      if (theirs != null) {
        MemorySegment own = made(number);
        for (long i = 0; i < words(own); i++) {
          own.setAtIndex(WORD, i, own.getAtIndex(WORD, i) | theirs.getAtIndex(WORD, i));
        }
      }
    }
  }

  /** Takes every page of {@code other}, a set with the same limit, out. */
  public void removeAll(PageSet other) {
    checkSameLimit(other);
    for (int number = 0; number < blocks.length; number++) {
      MemorySegment own = blocks[number];
      MemorySegment theirs = other.blocks[number];
      if (own != null && theirs != null) {
        for (long i = 0; i < words(own); i++) {
          own.setAtIndex(WORD, i, own.getAtIndex(WORD, i) & ~theirs.getAtIndex(WORD, i));
        }
      }
    }
  }

  /** Keeps only the pages that are in {@code other} too, a set with the same limit. */
  public void retainAll(PageSet other) {
    checkSameLimit(other);
    for (int number = 0; number < blocks.length; number++) {
      MemorySegment own = blocks[number];
      MemorySegment theirs = other.blocks[number];
      if (own != null && theirs == null) {
        own.fill((byte) 0);
      } else if (own != null) {
        for (long i = 0; i < words(own); i++) {
          own.setAtIndex(WORD, i, own.getAtIndex(WORD, i) & theirs.getAtIndex(WORD, i));
        }
      }
    }
  }

  /** How many pages the set has. */
  public long count() {
    long count = 0;
    for (MemorySegment block : blocks) {
      if (block != null) {
        for (long i = 0; i < words(block); i++) {
          count += Long.bitCount(block.getAtIndex(WORD, i));
        }
      }
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
    long end;
    for (long at = from; at < limit; at = end) {
      end = endOfBlock(at);
      long found = scanBlock(at, end, flip);
      if (found < end) {
        return Math.min(found, limit);
      }
    }
    return limit;
  }

  /** The first page from {@code from} on in the block that ends at {@code end}, or that. */
  private long scanBlock(long from, long end, long flip) {
    MemorySegment block = blocks[(int) (from >>> blockShift)];
    if (block == null) {
      return flip == 0 ? end : from;
    }
    long index = wordInBlock(from >>> WORD_SHIFT);
    long bits = (block.getAtIndex(WORD, index) ^ flip) & ALL << from;
    long last = words(block) - 1;
    while (bits == 0 && index < last) {
      bits = block.getAtIndex(WORD, ++index) ^ flip;
    }
    return bits == 0
        ? end
        : end - (1L << blockShift) + (index << WORD_SHIFT) + Long.numberOfTrailingZeros(bits);
  }

  private void fill(PageRange range, long value) {
    if (range.isEmpty()) {
      return;
    }
    check(range.start(), range.end());
    long end;
    for (long start = range.start(); start < range.end(); start = end) {
      end = Math.min(range.end(), endOfBlock(start));
      int number = (int) (start >>> blockShift);
      if (value != 0 || blocks[number] != null) {
        fillBlock(made(number), start, end, value);
      }
    }
  }

  /** Fills pages that lie in one block, one or more. */
  private void fillBlock(MemorySegment block, long start, long end, long value) {
    long first = wordInBlock(start >>> WORD_SHIFT);
    long last = wordInBlock((end - 1) >>> WORD_SHIFT);
    long firstMask = ALL << start;
    long lastMask = ALL >>> -end;
    if (first == last) {
      merge(block, first, firstMask & lastMask, value);
      return;
    }
    merge(block, first, firstMask, value);
    block.asSlice((first + 1) * Long.BYTES, (last - first - 1) * Long.BYTES).fill((byte) value);
    merge(block, last, lastMask, value);
  }

  private static void merge(MemorySegment block, long index, long mask, long value) {
    block.setAtIndex(WORD, index, (block.getAtIndex(WORD, index) & ~mask) | (value & mask));
  }

  /** The bits of the 64 pages from {@code 64 * index} on, the lowest page in the lowest bit. */
  long word(long index) {
    MemorySegment block = blocks[blockOfWord(index)];
    return block == null ? 0 : block.getAtIndex(WORD, wordInBlock(index));
  }

  private void setWord(long index, long value) {
    int number = blockOfWord(index);
    if (value != 0 || blocks[number] != null) {
      made(number).setAtIndex(WORD, wordInBlock(index), value);
    }
  }

  /** How many words there are; bits past the limit are 0. */
  long wordCount() {
    return (limit + Long.SIZE - 1) >>> WORD_SHIFT;
  }

  private static long words(MemorySegment block) {
    return block.byteSize() / Long.BYTES;
  }

  private int blockOfWord(long index) {
    return (int) (index >>> (blockShift - WORD_SHIFT));
  }

  /** The number of a word in its block. */
  private long wordInBlock(long index) {
    return index & ((1L << (blockShift - WORD_SHIFT)) - 1);
  }

  /** The page after the last one of the block that has page {@code pfn}. */
  private long endOfBlock(long pfn) {
    return ((pfn >>> blockShift) + 1) << blockShift;
  }

  /** A block, after this not null; the last one ends at the limit. */
  private MemorySegment made(int number) {
    if (blocks[number] == null) {
      long first = (long) number << (blockShift - WORD_SHIFT);
      long words = Math.min(1L << (blockShift - WORD_SHIFT), wordCount() - first);
      blocks[number] = arena.allocate(words * Long.BYTES, Long.BYTES);
    }
    return blocks[number];
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
