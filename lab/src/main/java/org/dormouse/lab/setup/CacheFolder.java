package org.dormouse.lab.setup;

import java.nio.file.Path;
import java.util.Map;

/**
 * The folder that keeps what was made: {@code ${XDG_CACHE_HOME:-~/.cache}/dormouse}. The launcher
 * script computes the same.
 *
 * @param path an absolute path; the folder need not exist
 */
public record CacheFolder(Path path) {
  /** How many products of each kind are kept: those of the tree one works in and of one more. */
  private static final int KEPT = 2;

  /** From the variables of this process. */
  public static CacheFolder fromEnvironment() {
    return from(System.getenv());
  }

  /** The XDG base directory specification says to ignore a path that is not absolute. */
  static CacheFolder from(Map<String, String> environment) {
    Path xdg = Path.of(environment.getOrDefault("XDG_CACHE_HOME", ""));
    Path home = Path.of(environment.getOrDefault("HOME", System.getProperty("user.home")));
    return new CacheFolder((xdg.isAbsolute() ? xdg : home.resolve(".cache")).resolve("dormouse"));
  }

  /** The log that a step writes. */
  public Path log(String step) {
    return path.resolve(step + ".log");
  }

  /** Where products of this kind are kept. */
  public Shelf shelf(String kind) {
    return new Shelf(path, kind, KEPT);
  }
}
