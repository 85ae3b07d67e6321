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
import org.dormouse.store.BlockStore;
import org.dormouse.store.StoreContents;
import org.dormouse.text.Report;
import org.dormouse.text.ReportException;

/** Opens whatever holds a kernel's memory. */
public final class Dumps {
  private Dumps() {}

  /**
   * Opens an image, in a file or on a device, an ELF core or a kdump-compressed file.
   *
   * @throws ReportException if it cannot be opened, or is none of these
   */
  public static CoreFile open(Path path) throws IOException {
    if (isImage(path)) {
      return OfStore.open(path);
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
    return core instanceof OfStore(BlockStore _, ImageCore image)
        ? image.saverRegion()
        : Optional.empty();
  }

  private static boolean isImage(Path path) throws IOException {
    try (BlockStore store = BlockStore.forReading(path)) {
      return StoreContents.probe(store) instanceof StoreContents.Dormouse;
    }
  }

  /** An image with the store that it lies in. */
  private record OfStore(BlockStore store, ImageCore core) implements CoreFile {
    static OfStore open(Path path) throws IOException {
      BlockStore store = BlockStore.forReading(path);
      boolean opened = false;
      try {
        OfStore image = new OfStore(store, ImageCore.open(store));
        opened = true;
        return image;
      } finally {
        if (!opened) {
          store.close();
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
      store.close();
    }
  }
}
