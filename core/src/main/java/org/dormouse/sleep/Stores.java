package org.dormouse.sleep;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.dormouse.image.Image;
import org.dormouse.image.ImageFormatException;
import org.dormouse.image.ImageHeader;
import org.dormouse.linux.BlockDevices;
import org.dormouse.store.BlockStore;
import org.dormouse.store.StoreException;

/**
 * Finds the store that a user named. The saver and the resume kernel have no udev, so that names
 * like {@code /dev/disk/by-id/…} do not exist there, and their device names may be other ones than
 * the original kernel's. The image's header holds the name and the image's identity, so the store
 * is known by what is in it.
 */
final class Stores {
  private Stores() {}

  /**
   * The device that holds the image {@code wanted} tells, that of the given name first.
   *
   * @return empty if no device does
   */
  static Optional<Path> find(String name, Predicate<ImageHeader> wanted) throws IOException {
    for (Path candidate : candidates(name)) {
      Optional<ImageHeader> header = header(candidate);
      if (header.filter(wanted).isPresent()) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }

  /** The device of that name if there is one, else the one whose image was given that name. */
  static Optional<Path> named(String name) throws IOException {
    Path path = Path.of(name);
    return Files.exists(path)
        ? Optional.of(path)
        : find(name, header -> header.origin().storeName().equals(name));
  }

  private static List<Path> candidates(String name) throws IOException {
    List<Path> candidates = new ArrayList<>();
    Path path = Path.of(name);
    if (Files.exists(path)) {
      candidates.add(path);
    }
    candidates.addAll(BlockDevices.all());
    return candidates;
  }

  /**
   * The header on a device; empty where there is none, or the device does not let itself be read.
   */
  private static Optional<ImageHeader> header(Path device) {
    try (BlockStore store = BlockStore.forReading(device)) {
      return Optional.of(Image.header(store));
    } catch (ImageFormatException | StoreException e) {
      // Not every device is a store: an empty drive, a disk with a file system.
      return Optional.empty();
    }
  }
}
