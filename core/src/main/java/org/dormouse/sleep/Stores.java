package org.dormouse.sleep;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import org.dormouse.image.Image;
import org.dormouse.image.ImageHeader;
import org.dormouse.image.ImageState;
import org.dormouse.linux.BlockDevices;
import org.dormouse.store.BlockStore;
import org.dormouse.text.ReportException;

/**
 * Finds stores by what is in them. A saver has no udev, so that names like {@code
 * /dev/disk/by-id/…} do not exist there, and its device names may be other ones than the original
 * kernel's.
 */
final class Stores {
  private static final Duration GLANCE = Duration.ofMillis(50);

  private Stores() {}

  /** The device whose header is as {@code wanted}; empty if there is none. */
  static Optional<Path> find(Predicate<ImageHeader> wanted) throws IOException {
    for (Path device : BlockDevices.all()) {
      if (header(device).filter(wanted).isPresent()) {
        return Optional.of(device);
      }
    }
    return Optional.empty();
  }

  /** The same; waits for a device that comes late. */
  static Optional<Path> await(Predicate<ImageHeader> wanted, Duration patience)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    Optional<Path> found = find(wanted);
    while (found.isEmpty() && System.nanoTime() < deadline) {
      Thread.sleep(GLANCE);
      found = find(wanted);
    }
    return found;
  }

  /** What tells the store that waits for an image. */
  static Predicate<ImageHeader> waitingFor(UUID image) {
    return header -> header.state() == ImageState.WRITING && header.image().equals(image);
  }

  /** Takes an image away, wherever it is, if it is there. */
  static void discard(UUID image, String reason) throws IOException {
    Optional<Path> device = find(header -> header.image().equals(image));
    if (device.isPresent()) {
      try (BlockStore store = BlockStore.forWriting(device.get())) {
        Image.discard(store, reason);
      }
    }
  }

  /** The header on a device; empty where there is none, or the device cannot be read. */
  private static Optional<ImageHeader> header(Path device) {
    try (BlockStore store = BlockStore.forReading(device)) {
      return Optional.of(Image.header(store));
    } catch (ReportException e) {
      // Not every device is a store: an empty drive, a disk with a file system.
      return Optional.empty();
    }
  }
}
