package org.dormouse.lab.setup;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.dormouse.initramfs.Folders;

/**
 * Finished folders of one kind, found by the key of what went into them.
 *
 * <p>A folder is made under another name and gets its own by one rename when it is complete. So an
 * interrupted run leaves nothing that looks finished, and what it does leave the next one deletes.
 * Processes that want the same kind at once wait for each other; within a process only one thread
 * may use a shelf.
 */
public final class Shelf {
  /** Makes a product. */
  @FunctionalInterface
  public interface Maker {
    /**
     * Makes it.
     *
     * @param product an empty folder, for what is to be kept
     * @param scratch an empty folder, deleted afterwards
     */
    void make(Path product, Path scratch) throws SetupException, IOException;
  }

  private final Path cache;
  private final String kind;
  private final int kept;

  /**
   * @param kept how many folders stay; those that were not asked for longest go
   */
  Shelf(Path cache, String kind, int kept) {
    this.cache = cache;
    this.kind = kind;
    this.kept = kept;
  }

  /** Whether {@link #get} has it without making it. */
  public boolean has(String key) {
    return Files.isDirectory(folder(key));
  }

  /** The folder of this key, made if it is not there. */
  public Path get(String key, Maker maker) throws SetupException {
    Path folder = folder(key);
    try {
      if (!has(key)) {
        Files.createDirectories(cache);
        make(folder, maker);
      }
      Files.setLastModifiedTime(folder, FileTime.from(Instant.now()));
      return folder;
    } catch (IOException e) {
      throw new SetupException(
          "cannot write in the cache folder " + cache + ": " + e.getMessage(),
          "What was begun there has been deleted.",
          "Free some space there, or set XDG_CACHE_HOME to the full path of another folder.",
          e);
    }
  }

  private void make(Path folder, Maker maker) throws SetupException, IOException {
    Path lockFile = cache.resolve(kind + ".lock");
    try (var channel =
            FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        var lock = channel.lock()) {
      if (lock.isValid() && !Files.isDirectory(folder)) {
        makeAlone(folder, maker);
        prune();
      }
    }
  }

  private void makeAlone(Path folder, Maker maker) throws SetupException, IOException {
    Path unfinished = cache.resolve(".unfinished-" + kind);
    Folders.delete(unfinished);
    try {
      Path product = Files.createDirectories(unfinished.resolve("product"));
      maker.make(product, Files.createDirectories(unfinished.resolve("scratch")));
      Files.move(product, folder, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Folders.delete(unfinished);
    }
  }

  private void prune() throws IOException {
    for (Path old : byLastUse().stream().skip(kept).toList()) {
      Folders.delete(old);
    }
  }

  private List<Path> byLastUse() throws IOException {
    try (Stream<Path> all = Files.list(cache)) {
      return all.filter(path -> path.getFileName().toString().startsWith(kind + "-"))
          .filter(Files::isDirectory)
          .sorted(Comparator.comparingLong(Shelf::lastUse).reversed())
          .toList();
    }
  }

  private static long lastUse(Path folder) {
    return folder.toFile().lastModified();
  }

  private Path folder(String key) {
    return cache.resolve(kind + "-" + key);
  }
}
