package org.dormouse.image;

import org.dormouse.text.ReportException;

/** An image that cannot be used, why, and where that was seen. */
public final class ImageFormatException extends ReportException {
  private static final long serialVersionUID = 1L;

  private final Damage damage;

  ImageFormatException(Damage damage, String where) {
    super(damage.text() + ": " + where, "The store is as it was.", damage.remedy());
    this.damage = damage;
  }

  /** The kind of damage. */
  public Damage damage() {
    return damage;
  }
}
