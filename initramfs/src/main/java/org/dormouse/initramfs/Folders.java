package org.dormouse.initramfs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** What is done to whole folders of the build machine. */
public final class Folders {
  /**
   * The time that all files get: the AOT cache knows jars and the runtime image by size and time,
   * and equal contents shall give an equal initramfs.
   */
  public static final FileTime TIME = FileTime.from(Instant.parse("2026-01-01T00:00:00Z"));

  private Folders() {}

  /**
   * Deletes a file, or a folder with all that is in it. What does not exist, or goes meanwhile, is
   * fine. Does not follow links.
   */
  public static void delete(Path path) throws IOException {
    for (Path file : contentsFirst(path)) {
      Files.deleteIfExists(file);
    }
  }

  /** Gives a folder and all that is in it the one time. */
  public static void setTimes(Path folder) throws IOException {
    for (Path file : contentsFirst(folder)) {
      Files.setLastModifiedTime(file, TIME);
    }
  }

  private static List<Path> contentsFirst(Path path) throws IOException {
    try (Stream<Path> files = Files.walk(path)) {
      return files.sorted(Comparator.reverseOrder()).toList();
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
