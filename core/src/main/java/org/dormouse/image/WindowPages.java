package org.dormouse.image;

import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;

/**
 * Which pages of one window, 1 MiB of physical memory at a 1 MiB boundary, are meant: 256 bits.
 * Made once and used again and again by one thread.
 */
final class WindowPages {
  /** log2 of the pages in a window. One of 1 MiB: docs/benchmarks.md says why. */
  static final int SHIFT = 8;

  /** Pages in a window. */
  static final int COUNT = 1 << SHIFT;

  /** Bytes in a window. */
  static final int BYTES = COUNT << Pages.SHIFT;

  /** Words of 64 bits in the set. */
  static final int WORDS = COUNT / Long.SIZE;

  private final long[] words = new long[WORDS];

  void clear() {
    for (int i = 0; i < WORDS; i++) {
      words[i] = 0;
    }
  }

  void add(int page) {
    words[page >>> 6] |= 1L << page;
  }

  /** Becomes the pages of {@code set} in the window that begins at PFN {@code window}. */
  void set(PageSet set, long window) {
    for (int i = 0; i < WORDS; i++) {
      words[i] = set.bits(window + (long) i * Long.SIZE);
    }
  }

  /** Takes the pages of {@code other} out. */
  void removeAll(WindowPages other) {
    for (int i = 0; i < WORDS; i++) {
      words[i] &= ~other.words[i];
    }
  }

  /**
   * Takes these pages, of the window that begins at PFN {@code window}, out of {@code set}.
   *
   * @return false, with the set half changed, if not all of them are in it
   */
  boolean takeFrom(PageSet set, long window) {
    for (int i = 0; i < WORDS; i++) {
      long pfn = window + (long) i * Long.SIZE;
      if ((set.bits(pfn) & words[i]) != words[i]) {
        return false;
      }
      set.removeBits(pfn, words[i]);
    }
    return true;
  }

  /** Adds these pages, of the window that begins at PFN {@code window}, to {@code set}. */
  void addTo(PageSet set, long window) {
    for (int start = next(0), end; start < COUNT; start = next(end)) {
      end = nextAbsent(start);
      set.add(new PageRange(window + start, window + end));
    }
  }

  long word(int index) {
    return words[index];
  }

  void setWord(int index, long word) {
    words[index] = word;
  }

  int count() {
    int count = 0;
    for (long word : words) {
      count += Long.bitCount(word);
    }
    return count;
  }

  /** The last page of the set, or -1. */
  int last() {
    for (int i = WORDS - 1; i >= 0; i--) {
      if (words[i] != 0) {
        return i * Long.SIZE + Long.SIZE - 1 - Long.numberOfLeadingZeros(words[i]);
      }
    }
    return -1;
  }

  /** The first page at or after {@code from} in the set, or {@link #COUNT}. */
  int next(int from) {
    return scan(from, 0);
  }

  /** The first page at or after {@code from} that is not in the set, or {@link #COUNT}. */
  int nextAbsent(int from) {
    return scan(from, -1L);
  }

  private int scan(int from, long flip) {
    for (int page = from; page < COUNT; page = (page | 63) + 1) {
      long bits = (words[page >>> 6] ^ flip) & (-1L << page);
      if (bits != 0) {
        return (page & ~63) + Long.numberOfTrailingZeros(bits);
      }
    }
    return COUNT;
  }
}
