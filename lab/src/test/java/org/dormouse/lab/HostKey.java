package org.dormouse.lab;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.dormouse.image.Image;
import org.dormouse.image.ImageHeader;
import org.dormouse.seal.ImageKey;
import org.dormouse.seal.WakeKey;
import org.dormouse.sleep.KeyFiles;
import org.dormouse.store.Store;

/** A key file of the host's: it opens the images that a guest has sealed for it. */
record HostKey(Path file) {
  /** A new one. */
  static HostKey create(Path file) throws IOException {
    try (WakeKey made = WakeKey.random()) {
      KeyFiles.writeWake(made, file);
    }
    return new HostKey(file);
  }

  /** The key of a store's image, if that is sealed. */
  Optional<ImageKey> of(Store store) throws IOException {
    ImageHeader header = Image.header(store);
    if (header.seal().isEmpty()) {
      return Optional.empty();
    }
    try (WakeKey wake = KeyFiles.wake(file)) {
      Optional<ImageKey> key =
          wake.open(Image.envelope(store, header.seal().get()), header.image());
      if (key.isEmpty()) {
        throw new IOException("the envelope is not for this key");
      }
      return key;
    }
  }
}
