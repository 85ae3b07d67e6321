package org.dormouse.image;

import java.util.HexFormat;
import org.dormouse.memory.Pages;
import org.dormouse.store.Store;

/**
 * Some bytes of a store, and how to tell that they are still the same.
 *
 * @param offset where they begin, in bytes from the start of the store
 * @param length how many they are
 * @param checksum their XXH64
 */
public record StoredBytes(long offset, long length, long checksum) {
  /** More than any device has, little enough for sums not to overflow. */
  static final long MOST_BYTES = 1L << 53;

  /**
   * Checks the bounds.
   *
   * @throws IllegalArgumentException if this cannot be a part of a store
   */
  public StoredBytes {
    if (offset < 0 || offset > MOST_BYTES || length < 0 || length > MOST_BYTES) {
      throw new IllegalArgumentException(length + " bytes at " + offset);
    }
  }

  static StoredBytes none() {
    return new StoredBytes(0, 0, 0);
  }

  boolean isNone() {
    return length == 0;
  }

  /** The byte of the store after the last one. */
  public long end() {
    return offset + length;
  }

  /** The byte of the store after the last block that holds some of them. */
  long blocksEnd() {
    return Pages.alignUp(end(), Store.ALIGNMENT);
  }

  /** A checksum as it is written: 16 hexadecimal digits. */
  static String hex(long checksum) {
    return HexFormat.of().toHexDigits(checksum);
  }

  /**
   * The number that {@link #hex} wrote.
   *
   * @throws IllegalArgumentException if it is not written so
   */
  static long checksum(String digits) {
    if (digits.length() != 2 * Long.BYTES) {
      throw new IllegalArgumentException("not a checksum: " + digits);
    }
    return HexFormat.fromHexDigitsToLong(digits);
  }
}
