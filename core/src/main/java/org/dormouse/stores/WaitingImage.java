package org.dormouse.stores;

import org.dormouse.image.Image;
import org.dormouse.image.ImageFormatException;
import org.dormouse.image.ImageState;
import org.dormouse.store.Store;
import org.dormouse.text.ReportException;

/** An image that is still to be woken, which nothing but a person takes away. */
final class WaitingImage {
  private WaitingImage() {}

  /**
   * Refuses a store that holds one.
   *
   * @throws ReportException if it does, or cannot be read
   */
  static void check(Store store) throws ReportException {
    if (isIn(store)) {
      throw new ReportException(
          store.name() + " holds an image that waits to be woken",
          "Nothing was changed.",
          "If it is not wanted any more: dormouse image discard, and then this again.");
    }
  }

  private static boolean isIn(Store store) throws ReportException {
    try {
      ImageState state = Image.header(store).state();
      return state == ImageState.COMPLETE || state == ImageState.REFUSED;
    } catch (ImageFormatException e) {
      return false;
    }
  }
}
