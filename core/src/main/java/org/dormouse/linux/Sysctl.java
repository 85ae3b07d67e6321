package org.dormouse.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The kernel's knobs that Dormouse turns: {@code Documentation/admin-guide/sysctl/vm.rst}. */
public final class Sysctl {
  private static final Path DROP_CACHES = Path.of("/proc/sys/vm/drop_caches");

  private static final Path COMPACT_UNEVICTABLE =
      Path.of("/proc/sys/vm/compact_unevictable_allowed");

  private Sysctl() {}

  /** Whether the kernel may move memory that is locked, to make room for large pages. */
  public enum Compaction {
    /** It may not. */
    SPARES_LOCKED_MEMORY("0"),
    MOVES_LOCKED_MEMORY("1"),
    /** The kernel was built without. */
    MOVES_NOTHING("");

    private final String value;

    Compaction(String value) {
      this.value = value;
    }
  }

  /** What is set now. */
  public static Compaction compaction() throws IOException {
    if (!Files.exists(COMPACT_UNEVICTABLE)) {
      return Compaction.MOVES_NOTHING;
    }
    return KernelFile.read(COMPACT_UNEVICTABLE).equals("0")
        ? Compaction.SPARES_LOCKED_MEMORY
        : Compaction.MOVES_LOCKED_MEMORY;
  }

  /** Sets it, where that can be set. */
  public static void setCompaction(Compaction compaction) throws IOException {
    if (Files.exists(COMPACT_UNEVICTABLE) && !compaction.value.isEmpty()) {
      Files.writeString(COMPACT_UNEVICTABLE, compaction.value + "\n");
    }
  }

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
