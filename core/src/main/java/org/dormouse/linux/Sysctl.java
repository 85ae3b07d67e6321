package org.dormouse.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The kernel's knobs that Dormouse turns: {@code Documentation/admin-guide/sysctl/vm.rst}. */
public final class Sysctl {
  private static final Path DROP_CACHES = Path.of("/proc/sys/vm/drop_caches");

  private Sysctl() {}

  /** Frees clean page cache. Nothing is lost: it is read again when needed. */
  public static void dropPageCache() throws IOException {
    Files.writeString(DROP_CACHES, "1\n");
  }

  /**
   * Frees clean page cache, dentries and inodes. Nothing is lost: they are read again when needed.
   */
  public static void dropCaches() throws IOException {
    Files.writeString(DROP_CACHES, "3\n");
  }
}
