package org.dormouse.protocol;

import java.util.Locale;

/** What becomes of the machine when an image of it has been saved. */
public enum Then {
  /** It is switched off; the next boot wakes the image. */
  POWEROFF,
  /** It is restarted; the next boot wakes the image, or another system sleeps beside it. */
  REBOOT,
  /**
   * It is suspended to RAM. When it is woken up the original kernel goes on and the image is taken
   * away; if the power fails meanwhile, the next boot wakes the image.
   */
  SUSPEND,
  /** The original kernel goes on, and the image is taken away: to try all of it but the wake. */
  RETURN;

  /** The word for it, in requests and on the command line. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Reads {@link #word}.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static Then of(String word) {
    for (Then then : values()) {
      if (then.word().equals(word)) {
        return then;
      }
    }
    throw new IllegalArgumentException("'" + word + "' is not what can become of a machine");
  }
}
