package org.dormouse.text;

import java.util.Locale;

/** Figures as people read them. */
public final class Quantity {
  private Quantity() {}

  /** Bytes in the largest binary unit that leaves a figure of 1 or more: {@code 1.5 GiB}. */
  public static String bytes(long bytes) {
    if (bytes < 1 << 10) {
      return bytes + " bytes";
    }
    String[] units = {"KiB", "MiB", "GiB", "TiB"};
    double figure = bytes;
    int unit = -1;
    while (figure >= 1024 && unit < units.length - 1) {
      figure /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, figure < 10 ? "%.1f %s" : "%.0f %s", figure, units[unit]);
  }
}
