package org.dormouse.initramfs;

import java.time.Duration;
import java.util.List;

/**
 * What an initramfs is made of.
 *
 * @param shares the largest first
 * @param packedBytes size of the file
 * @param unpackedBytes what the kernel unpacks from it
 * @param elapsed the time it took to build
 */
public record Contents(List<Share> shares, long packedBytes, long unpackedBytes, Duration elapsed) {

  /**
   * One part.
   *
   * @param name for people
   * @param bytes unpacked
   */
  public record Share(String name, long bytes) {}

  public Contents {
    shares = List.copyOf(shares);
  }

  /** A share's part of the whole, 0 to 1. */
  public double partOf(Share share) {
    return (double) share.bytes() / unpackedBytes;
  }
}
