package org.dormouse.image;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The fields of one entry of the index, 64 bytes that begin at {@code at} of a table: {@code
 * docs/image-format.md}.
 */
final class IndexEntry {
  /** The length of an entry in bytes. */
  static final int BYTES = 64;

  /** A chunk that is stored as it is. */
  static final int RAW = 0;

  /** A chunk that is stored as one LZ4 block (the block format, without a frame). */
  static final int LZ4 = 1;

  /** A chunk of pages that are zero, of which nothing is stored. */
  static final int ZERO = 2;

  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final int AT_WINDOW = 0;
  private static final int AT_PAGES = 8;
  private static final int AT_OFFSET = 40;
  private static final int AT_LENGTH = 48;
  private static final int AT_CODEC = 52;
  private static final int AT_CHECKSUM = 56;

  private IndexEntry() {}

  /** The PFN of the first page of the window, a multiple of 256. */
  static long window(MemorySegment table, long at) {
    return table.get(LONG, at + AT_WINDOW);
  }

  /** Fills {@code pages} with the pages of the window that the chunk holds. */
  static void pages(MemorySegment table, long at, WindowPages pages) {
    for (int i = 0; i < WindowPages.WORDS; i++) {
      pages.setWord(i, table.get(LONG, at + AT_PAGES + (long) i * Long.BYTES));
    }
  }

  /** Where the stored bytes begin, from the start of the store; of the run until it is written. */
  static long offset(MemorySegment table, long at) {
    return table.get(LONG, at + AT_OFFSET);
  }

  /** How many bytes are stored. */
  static int length(MemorySegment table, long at) {
    return table.get(INT, at + AT_LENGTH);
  }

  /** {@link #RAW}, {@link #LZ4} or {@link #ZERO}. */
  static int codec(MemorySegment table, long at) {
    return table.get(INT, at + AT_CODEC);
  }

  /** XXH64 of the stored bytes. */
  static long checksum(MemorySegment table, long at) {
    return table.get(LONG, at + AT_CHECKSUM);
  }

  static void put(
      MemorySegment table,
      long at,
      long window,
      WindowPages pages,
      long offset,
      int length,
      int codec,
      long checksum) {
    table.set(LONG, at + AT_WINDOW, window);
    for (int i = 0; i < WindowPages.WORDS; i++) {
      table.set(LONG, at + AT_PAGES + (long) i * Long.BYTES, pages.word(i));
    }
    table.set(LONG, at + AT_OFFSET, offset);
    table.set(INT, at + AT_LENGTH, length);
    table.set(INT, at + AT_CODEC, codec);
    table.set(LONG, at + AT_CHECKSUM, checksum);
  }

  static void putOffset(MemorySegment table, long at, long offset) {
    table.set(LONG, at + AT_OFFSET, offset);
  }
}
