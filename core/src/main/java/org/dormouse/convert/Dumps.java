package org.dormouse.convert;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.dormouse.dump.CoreDescription;
import org.dormouse.dump.CoreFile;
import org.dormouse.dump.CoreFormatException;
import org.dormouse.memory.Frames;
import org.dormouse.memory.PageRange;
import org.dormouse.seal.ImageKey;
import org.dormouse.store.Store;
import org.dormouse.store.StoreContents;
import org.dormouse.stores.NamedStore;
import org.dormouse.text.Report;
import org.dormouse.text.ReportException;

/** Opens whatever holds a kernel's memory. */
public final class Dumps {
  private Dumps() {}

  /** Where the key of a sealed image comes from. */
  @FunctionalInterface
  public interface KeySource {
    /**
     * The key of a store's image, to be closed by whoever asked; nothing if it is not sealed.
     *
     * @throws IOException if it is sealed, and there is none
     */
    Optional<ImageKey> keyOf(Store store) throws IOException;
  }

  /**
   * Opens an image that is not sealed, in a file or on a device, an ELF core or a kdump-compressed
   * file.
   *
   * @throws ReportException if it cannot be opened, or is none of these
   */
  public static CoreFile open(Path path) throws IOException {
    return open(path, store -> Optional.empty());
  }

  /**
   * The same, also if the image is sealed.
   *
   * @param keys is asked if it is an image
   */
  public static CoreFile open(Path path, KeySource keys) throws IOException {
    if (isImage(path)) {
      return OfStore.open(path, keys);
    }
    try {
      return CoreFile.open(path);
    } catch (CoreFormatException e) {
      throw new ReportException(
          new Report(
              e.getMessage(),
              "Nothing was written.",
              "Name an image, an ELF core of a kernel of x86-64 (a vmcore) or a kdump-compressed"
                  + " file."),
          e);
    }
  }

  /** Where the saver of an image's machine runs, if it is one that can be woken. */
  public static Optional<PageRange> saverRegion(CoreFile core) {
    return core instanceof OfStore(Store _, Optional<ImageKey> _, ImageCore image)
        ? image.saverRegion()
        : Optional.empty();
  }

  private static boolean isImage(Path path) throws IOException {
    try (Store store = NamedStore.openForReading(path)) {
      return StoreContents.probe(store) instanceof StoreContents.Dormouse;
    }
  }

  /** An image with the store that it lies in, and its key if it is sealed. */
  private record OfStore(Store store, Optional<ImageKey> key, ImageCore core) implements CoreFile {
    static OfStore open(Path path, KeySource keys) throws IOException {
      Store store = NamedStore.openForReading(path);
      boolean opened = false;
      try {
        OfStore image = open(store, keys.keyOf(store));
        opened = true;
        return image;
      } finally {
        if (!opened) {
          store.close();
        }
      }
    }

    private static OfStore open(Store store, Optional<ImageKey> key) throws IOException {
      boolean opened = false;
      try {
        OfStore image = new OfStore(store, key, ImageCore.open(store, key));
        opened = true;
        return image;
      } finally {
        if (!opened) {
          key.ifPresent(ImageKey::close);
        }
      }
    }

    @Override
    public CoreDescription description() {
      return core.description();
    }

    @Override
    public List<PageRange> ram() {
      return core.ram();
    }

    @Override
    public Presence presence(Arena arena) {
      return core.presence(arena);
    }

    @Override
    public Frames frames() {
      return core.frames();
    }

    @Override
    public void close() throws IOException {
      core.close();
      key.ifPresent(ImageKey::close);
      store.close();
    }
  }
}
