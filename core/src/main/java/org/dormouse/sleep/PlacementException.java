package org.dormouse.sleep;

/**
 * An image cannot be placed: the resume kernel has not enough locked pages that the image leaves
 * free. Nothing has been written when this is thrown.
 */
public final class PlacementException extends Exception {
  private final long needed;
  private final long available;

  /**
   * States the shortage.
   *
   * @param needed how many spare pages it would take
   * @param available how many there are
   */
  public PlacementException(long needed, long available) {
    super(
        String.format(
            "parking takes %,d spare locked pages, there are %,d: short by %,d",
            needed, available, needed - available));
    this.needed = needed;
    this.available = available;
  }

  /** How many spare pages parking and the copy list take. */
  public long needed() {
    return needed;
  }

  /** How many spare pages there are. */
  public long available() {
    return available;
  }

  /** How many spare pages are missing. */
  public long shortBy() {
    return needed - available;
  }
}
