package org.dormouse.saver;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.dormouse.image.Image;
import org.dormouse.image.ImageHeader;
import org.dormouse.image.ImageState;
import org.dormouse.linux.BlockDevices;
import org.dormouse.store.BlockStore;
import org.dormouse.store.ExtentStore;
import org.dormouse.store.Store;
import org.dormouse.text.ReportException;

/**
 * Finds stores by what is in them. A saver has no udev, so that names like {@code
 * /dev/disk/by-id/…} do not exist there, and its device names may be other ones than the original
 * kernel's.
 */
public final class Stores {
  private static final Duration GLANCE = Duration.ofMillis(50);

  private Stores() {}

  /** What is asked of a store. */
  public interface Question {
    /**
     * Whether this is the store.
     *
     * @throws ReportException if it cannot be told: it is not
     */
    boolean isAnsweredBy(Store store) throws ReportException;
  }

  /**
   * A store that was found.
   *
   * @param device the device that it lies on
   * @param offset where on it; empty for a store that is the whole device
   */
  public record Found(Path device, OptionalLong offset) {
    /** Opens it; the device must not be in use. */
    Store openForWriting() throws ReportException {
      return offset.isPresent()
          ? ExtentStore.forWriting(device, offset.getAsLong())
          : BlockStore.forWriting(device);
    }

    private Store openForReading() throws ReportException {
      return offset.isPresent()
          ? ExtentStore.forReading(device, offset.getAsLong())
          : BlockStore.forReading(device);
    }
  }

  /**
   * The store that is as {@code wanted}; empty if there is none.
   *
   * @param offset where on its device it is; empty for a store that is the whole device
   */
  public static Optional<Found> find(Question wanted, OptionalLong offset) throws IOException {
    for (Path device : BlockDevices.all()) {
      Found candidate = new Found(device, offset);
      if (isAnswered(wanted, candidate)) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }

  /** The same; waits for a device that comes late. */
  static Optional<Found> await(Question wanted, OptionalLong offset, Duration patience)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    Optional<Found> found = find(wanted, offset);
    while (found.isEmpty() && System.nanoTime() < deadline) {
      Thread.sleep(GLANCE);
      found = find(wanted, offset);
    }
    return found;
  }

  /** What tells the store that waits for an image. */
  static Question waitingFor(UUID image) {
    return store -> {
      ImageHeader header = Image.header(store);
      return header.state() == ImageState.WRITING && header.image().equals(image);
    };
  }

  /** What tells the store that has an image, however damaged the rest of its header is. */
  static Question holding(UUID image) {
    return store -> Image.names(store, image);
  }

  private static boolean isAnswered(Question wanted, Found candidate) {
    try (Store store = candidate.openForReading()) {
      return wanted.isAnsweredBy(store);
    } catch (ReportException e) {
      // Not every device is a store: an empty drive, a disk with a file system.
      return false;
    }
  }
}
