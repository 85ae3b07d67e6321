package org.dormouse.lab.demo;

/** How full a machine's memory is to be. */
public record Fill(int percent) {
  public Fill {
    if (percent < 0 || percent > 100) {
      throw new IllegalArgumentException("not a share of memory: " + percent + " %");
    }
  }

  /** Reads {@code 60%} or {@code 60}. */
  public static Fill parse(String text) {
    return new Fill(Integer.parseInt(text.strip().replaceFirst("\\s*%$", "")));
  }

  /**
   * How many more bytes have to be taken so that this share of RAM is not free.
   *
   * @param ramBytes of the machine, with what its kernel has taken for itself
   * @param freeBytes that can be used for anything
   * @return 0 if it is already so full
   */
  public long bytesToAdd(long ramBytes, long freeBytes) {
    long mayStayFree = ramBytes / 100 * (100 - percent);
    return Math.max(0, freeBytes - mayStayFree);
  }
}
