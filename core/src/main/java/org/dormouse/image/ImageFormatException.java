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

  /** The same for a piece of a sealed image that does not open. */
  static ImageFormatException of(PieceCipher.Verdict verdict, Damage changed, String where) {
    Damage damage =
        switch (verdict) {
          case GOOD -> throw new IllegalArgumentException("nothing is wrong with " + where);
          case CHANGED -> changed;
          case MOVED -> Damage.REORDERED;
          case OF_ANOTHER_IMAGE -> Damage.MIXED;
        };
    return new ImageFormatException(damage, where);
  }

  /** The kind of damage. */
  public Damage damage() {
    return damage;
  }
}
