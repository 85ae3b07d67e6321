package org.dormouse.image;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.HexFormat;
import org.dormouse.store.Store;

/**
 * The shape of a segment of the index: 64 bytes that name the segment before it, then entries.
 * {@code docs/image-format.md} describes it.
 */
final class IndexSegment {
  /** The longest segment in bytes. */
  static final int MOST_BYTES = 1 << 20;

  /** What stands before the entries, in bytes. */
  static final int HEAD_BYTES = 64;

  /** As many entries as fit. */
  static final int MOST_ENTRIES = (MOST_BYTES - HEAD_BYTES) / IndexEntry.BYTES;

  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int AT_OFFSET = 0;
  private static final int AT_LENGTH = 8;
  private static final int AT_CHECKSUM = 16;
  private static final int AT_REST = 24;
  private static final int AT_REST_OF_SEALED = 40;

  private IndexSegment() {}

  /** Where entry {@code number} begins, in bytes. */
  static long at(int number) {
    return HEAD_BYTES + (long) number * IndexEntry.BYTES;
  }

  /** How many entries a segment of this length has. */
  static int entries(StoredBytes segment) {
    return (int) ((segment.length() - HEAD_BYTES) / IndexEntry.BYTES);
  }

  /** Whether this can be a segment, sealed or not, as far as its place and length tell. */
  static boolean canBe(StoredBytes segment) {
    return segment.offset() % Store.ALIGNMENT == 0
        && segment.length() >= HEAD_BYTES + IndexEntry.BYTES
        && segment.length() - extraBytes(segment) <= MOST_BYTES
        && (extraBytes(segment) == 0 || extraBytes(segment) == PieceCipher.EXTRA_BYTES);
  }

  /** What a segment has behind its last entry. */
  static int extraBytes(StoredBytes segment) {
    return (int) ((segment.length() - HEAD_BYTES) % IndexEntry.BYTES);
  }

  /** Copies the first {@code count} entries of a segment into a table. */
  static void copyEntries(MemorySegment segment, int count, long[] table) {
    MemorySegment.copy(segment, LONG, HEAD_BYTES, table, 0, count * IndexEntry.WORDS);
  }

  /** Copies {@code count} entries of a table into a segment, where its entries begin. */
  static void putEntries(long[] table, int count, MemorySegment segment) {
    MemorySegment.copy(table, 0, segment, LONG, HEAD_BYTES, count * IndexEntry.WORDS);
  }

  static void putBefore(MemorySegment segment, StoredBytes before) {
    segment.asSlice(0, HEAD_BYTES).fill((byte) 0);
    segment.set(LONG, AT_OFFSET, before.offset());
    segment.set(LONG, AT_LENGTH, before.length());
    segment.set(LONG, AT_CHECKSUM, before.checksum());
  }

  /** Puts the tag of the segment before into a head that {@link #putBefore} has begun. */
  static void putTagBefore(MemorySegment segment, String tag) {
    byte[] bytes = HexFormat.of().parseHex(tag);
    MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, AT_REST, bytes.length);
  }

  /** The tag of the segment before a sealed one that is open, in hexadecimal digits. */
  static String tagBefore(MemorySegment segment) {
    MemorySegment tag = segment.asSlice(AT_REST, AT_REST_OF_SEALED - AT_REST);
    return HexFormat.of().formatHex(tag.toArray(ValueLayout.JAVA_BYTE));
  }

  /**
   * The segment before this one, none for the first.
   *
   * @param extraBytes what each segment has behind its last entry
   * @throws IllegalArgumentException if that makes no sense
   */
  static StoredBytes before(MemorySegment segment, int extraBytes) {
    StoredBytes before =
        new StoredBytes(
            segment.get(LONG, AT_OFFSET),
            segment.get(LONG, AT_LENGTH),
            segment.get(LONG, AT_CHECKSUM));
    if (!before.equals(StoredBytes.none())
        && (!canBe(before) || extraBytes(before) != extraBytes)) {
      throw new IllegalArgumentException("no segment: " + before);
    }
    for (int at = extraBytes == 0 ? AT_REST : AT_REST_OF_SEALED;
        at < HEAD_BYTES;
        at += Long.BYTES) {
      if (segment.get(LONG, at) != 0) {
        throw new IllegalArgumentException("the head of a segment has more than it should");
      }
    }
    return before;
  }
}
