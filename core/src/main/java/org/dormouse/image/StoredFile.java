package org.dormouse.image;

import org.dormouse.memory.Pages;

/**
 * A file that lies in a store.
 *
 * @param offset where it begins, in bytes from the start of the store: a multiple of 1 MiB
 * @param length its length in bytes, 1 or more
 * @param sha256 its SHA-256, 64 hexadecimal digits in lower case
 */
public record StoredFile(long offset, long length, String sha256) {
  /** What files, and the data behind them, begin at a multiple of. */
  static final long ALIGNMENT = 1L << 20;

  private static final long MOST_BYTES = 1L << 40;

  /**
   * Checks the fields.
   *
   * @throws IllegalArgumentException if this cannot be a file of a store
   */
  public StoredFile {
    if (offset < ALIGNMENT
        || offset > MOST_BYTES
        || offset % ALIGNMENT != 0
        || length < 1
        || length > MOST_BYTES
        || !sha256.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException(
          "a file of " + length + " bytes at " + offset + ", SHA-256 " + sha256);
    }
  }

  /** Where whatever follows the file begins. */
  long next() {
    return Pages.alignUp(offset + length, ALIGNMENT);
  }
}
