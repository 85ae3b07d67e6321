package org.dormouse.image;

import java.util.Optional;
import org.dormouse.store.Store;
import org.dormouse.store.StoreContents;
import org.dormouse.text.ReportException;

/** Whether an image that is only to be read may be written over what a store holds. */
public final class Vacancy {
  private static final String UNTOUCHED = "Nothing was written.";

  private Vacancy() {}

  /** What becomes of a dump that is there. */
  public enum Dumps {
    /** It stays, unless whoever asks says otherwise. */
    STAY,
    MAY_BE_REPLACED
  }

  /**
   * Refuses to overwrite what somebody may miss.
   *
   * @throws ReportException if the store holds something of the kind, or cannot be read
   */
  public static void check(Store store, Dumps dumps) throws ReportException {
    switch (StoreContents.probe(store)) {
      case StoreContents.Empty _ -> {}
      case StoreContents.Foreign(String what) ->
          throw new ReportException(
              store.name() + " holds " + what,
              UNTOUCHED,
              "Name another store, or clear it (wipefs -a) if nobody needs what it holds.");
      case StoreContents.Dormouse _ -> {
        Optional<String> whole = wholeImage(store, dumps);
        if (whole.isPresent()) {
          throw new ReportException(
              store.name() + " holds " + whole.get(),
              UNTOUCHED,
              "Name another store, or discard it: dormouse image discard " + store.name());
        }
      }
    }
  }

  /** What is in a store that begins as one of ours, if it is whole and was not given up. */
  private static Optional<String> wholeImage(Store store, Dumps dumps) throws ReportException {
    try {
      return switch (Image.header(store).state()) {
        case COMPLETE -> Optional.of("an image that waits to be woken");
        case REFUSED -> Optional.of("an image that was refused, and could be tried again");
        case DUMP ->
            dumps == Dumps.MAY_BE_REPLACED
                ? Optional.empty()
                : Optional.of("a dump (--replace overwrites it)");
        case EMPTY, WRITING, CONSUMED -> Optional.empty();
      };
    } catch (ImageFormatException e) {
      return e.damage() == Damage.WRONG_VERSION
          ? Optional.of("something of another version of Dormouse")
          : Optional.empty();
    }
  }
}
