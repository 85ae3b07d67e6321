package org.dormouse.stores;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dormouse.linux.HeldFile;
import org.dormouse.store.BlockStore;
import org.dormouse.store.ExtentStore;
import org.dormouse.store.Store;
import org.dormouse.store.StoreContents;
import org.dormouse.text.Quantity;
import org.dormouse.text.Report;
import org.dormouse.text.ReportException;

/** Takes stores away. */
public final class RemoveStore {
  private static final String UNTOUCHED = "Nothing was changed.";

  private RemoveStore() {}

  /**
   * What would be done, in lines for people. Changes nothing.
   *
   * @throws ReportException if it cannot be done
   */
  public static List<String> dryRun(Path place) throws IOException {
    check(place);
    return Files.isRegularFile(place)
        ? List.of("removes the file " + place + ", " + Quantity.bytes(Files.size(place)))
        : List.of("clears the beginning of " + place);
  }

  /**
   * Does it. What an image has left on the disk behind the store's beginning stays until something
   * else is written there.
   *
   * @throws ReportException if an image waits there, or it is no store
   */
  public static void run(Path place) throws IOException {
    check(place);
    if (Files.isRegularFile(place)) {
      if (isWhereItWas(place)) {
        NamedStore store = NamedStore.find(place.toString());
        try (ExtentStore pieces = store.openPieces()) {
          pieces.erase();
        }
      }
      HeldFile.release(place);
      Files.delete(place);
      return;
    }
    NamedStore store = NamedStore.find(place.toString());
    if (store.map().isPresent()) {
      try (ExtentStore pieces = store.openPieces()) {
        pieces.erase();
      }
    }
    try (BlockStore device = BlockStore.forWriting(place)) {
      device.clearHead();
    }
  }

  private static void check(Path place) throws IOException {
    if (!Files.exists(place)) {
      throw new ReportException(
          "there is no " + place, UNTOUCHED, "See what stores there are: dormouse store info");
    }
    if (Files.isRegularFile(place)) {
      if (!HeldFile.isImmutable(place)) {
        throw new ReportException(
            place + " is no store", UNTOUCHED, "Remove the file as any other, if it can go.");
      }
      if (!isWhereItWas(place)) {
        return;
      }
    }
    try (Store store = NamedStore.find(place.toString()).openForReading()) {
      if (!(StoreContents.probe(store) instanceof StoreContents.Dormouse)) {
        throw new ReportException(
            place + " is no store", UNTOUCHED, "What it holds is not Dormouse's to remove.");
      }
      WaitingImage.check(store);
    }
  }

  /** What was copied or moved elsewhere has no image: that is in its old place. */
  private static boolean isWhereItWas(Path file) throws IOException {
    try {
      NamedStore.find(file.toString());
      return true;
    } catch (MovedStoreException e) {
      return false;
    } catch (ReportException e) {
      // Nobody knows whether an image waits there.
      throw new ReportException(
          new Report(
              e.report().happened(),
              UNTOUCHED,
              "Mend that and try again; or remove the file by hand, and with it an image that may be"
                  + " there: chattr -i "
                  + file
                  + " && rm "
                  + file),
          e);
    }
  }
}
