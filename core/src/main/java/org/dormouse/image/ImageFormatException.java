package org.dormouse.image;

import java.io.IOException;

/** An image that cannot be used, why, and where that was seen. */
public final class ImageFormatException extends IOException {
  private static final long serialVersionUID = 1L;

  private final Damage damage;

  ImageFormatException(Damage damage, String where) {
    super(damage.text() + ": " + where);
    this.damage = damage;
  }

  /** The kind of damage. */
  public Damage damage() {
    return damage;
  }
}
