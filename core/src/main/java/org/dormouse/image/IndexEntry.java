package org.dormouse.image;

/**
 * The fields of one entry of the index, 64 bytes: {@code docs/image-format.md}. An entry is {@link
 * #WORDS} little-endian words that begin at {@code at} of a table.
 */
final class IndexEntry {
  /** The length of an entry in words of 64 bits. */
  static final int WORDS = 8;

  /** The length of an entry in bytes. */
  static final int BYTES = WORDS * Long.BYTES;

  /** A chunk that is stored as it is. */
  static final int RAW = 0;

  /** A chunk that is stored as one LZ4 block (the block format, without a frame). */
  static final int LZ4 = 1;

  /** A chunk of pages that are zero, of which nothing is stored. */
  static final int ZERO = 2;

  /** A chunk that is stored as one Zstandard frame. */
  static final int ZSTD = 3;

  private static final int AT_WINDOW = 0;
  private static final int AT_PAGES = 1;
  private static final int AT_OFFSET = 5;
  private static final int AT_LENGTH_AND_CODEC = 6;
  private static final int AT_CHECKSUM = 7;

  private IndexEntry() {}

  /** The PFN of the first page of the window, a multiple of 256. */
  static long window(long[] table, int at) {
    return table[at + AT_WINDOW];
  }

  /** Fills {@code pages} with the pages of the window that the chunk holds. */
  static void pages(long[] table, int at, WindowPages pages) {
    for (int i = 0; i < WindowPages.WORDS; i++) {
      pages.setWord(i, table[at + AT_PAGES + i]);
    }
  }

  /** Where the stored bytes begin, from the start of the store; of the run until it is written. */
  static long offset(long[] table, int at) {
    return table[at + AT_OFFSET];
  }

  /** How many bytes are stored. */
  static int length(long[] table, int at) {
    return (int) table[at + AT_LENGTH_AND_CODEC];
  }

  /** {@link #RAW}, {@link #LZ4}, {@link #ZERO} or {@link #ZSTD}. */
  static int codec(long[] table, int at) {
    return (int) (table[at + AT_LENGTH_AND_CODEC] >>> Integer.SIZE);
  }

  /** XXH64 of the stored bytes. */
  static long checksum(long[] table, int at) {
    return table[at + AT_CHECKSUM];
  }

  static void put(
      long[] table,
      int at,
      long window,
      WindowPages pages,
      long offset,
      int length,
      int codec,
      long checksum) {
    table[at + AT_WINDOW] = window;
    for (int i = 0; i < WindowPages.WORDS; i++) {
      table[at + AT_PAGES + i] = pages.word(i);
    }
    table[at + AT_OFFSET] = offset;
    table[at + AT_LENGTH_AND_CODEC] = (long) codec << Integer.SIZE | length;
    table[at + AT_CHECKSUM] = checksum;
  }

  static void putOffset(long[] table, int at, long offset) {
    table[at + AT_OFFSET] = offset;
  }
}
