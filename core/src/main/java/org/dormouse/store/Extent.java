package org.dormouse.store;

/**
 * Bytes of a device that belong to a store.
 *
 * @param offset where on the device they start, a multiple of {@link Store#ALIGNMENT}
 * @param length how many, at least one block, a multiple of {@link Store#ALIGNMENT}
 */
public record Extent(long offset, long length) {
  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if they are no whole blocks, or end beyond what a {@code long}
   *     counts
   */
  public Extent {
    if (offset < 0
        || length <= 0
        || ((offset | length) & (Store.ALIGNMENT - 1)) != 0
        || offset > Long.MAX_VALUE - length) {
      throw new IllegalArgumentException("not whole blocks: " + length + " bytes at " + offset);
    }
  }

  /** The byte behind the last one. */
  public long end() {
    return offset + length;
  }
}
