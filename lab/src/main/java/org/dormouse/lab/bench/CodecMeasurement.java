package org.dormouse.lab.bench;

import java.util.Locale;
import java.util.OptionalDouble;

/**
 * What one thread does to the pages of a vmcore, and how fast.
 *
 * @param label what is done
 * @param chunkBytes how many bytes at a time
 * @param forth MiB of pages a second when an image is written
 * @param back the same when it is read, where that is something else
 * @param percent what is left of the bytes, in per cent
 */
public record CodecMeasurement(
    String label, int chunkBytes, double forth, OptionalDouble back, double percent) {
  /** What stands above the lines. */
  public static final String HEADING =
      String.format(
          "%-24s %9s %12s %12s %7s", "", "chunk KiB", "write MiB/s", "read MiB/s", "size %");

  /** One line of a table. */
  public String line() {
    return String.format(
        Locale.ROOT,
        "%-24s %9d %12.0f %12s %7.1f",
        label,
        chunkBytes >> 10,
        forth,
        back.isPresent() ? String.format(Locale.ROOT, "%.0f", back.getAsDouble()) : "",
        percent);
  }
}
