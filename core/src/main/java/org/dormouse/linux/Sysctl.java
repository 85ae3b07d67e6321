package org.dormouse.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The kernel's knobs that Dormouse turns: {@code Documentation/admin-guide/sysctl/vm.rst}. */
public final class Sysctl {
  private static final Path DROP_CACHES = Path.of("/proc/sys/vm/drop_caches");
  private static final Path COMPACT_UNEVICTABLE =
      Path.of("/proc/sys/vm/compact_unevictable_allowed");
  private static final Path KSM = Path.of("/sys/kernel/mm/ksm/run");
  private static final Path NUMA_BALANCING = Path.of("/proc/sys/kernel/numa_balancing");
  private static final Path COLLAPSE =
      Path.of("/sys/kernel/mm/transparent_hugepage/khugepaged/defrag");

  private static final Path MIN_FREE = Path.of("/proc/sys/vm/min_free_kbytes");

  /** Less than 1 MiB is refused, and atomic allocations of drivers live on this. */
  private static final long RESERVE_KIB = 8 << 10;

  private Sysctl() {}

  /** Settings that were changed: closing puts them back, the last one first. */
  public static final class Changed implements AutoCloseable {
    private final Deque<Setting> before = new ArrayDeque<>();

    private record Setting(Path knob, String value) {}

    private Changed() {}

    /** Sets a knob, if this kernel has it. */
    private void set(Path knob, String value) throws IOException {
      if (Files.exists(knob)) {
        before.push(new Setting(knob, Files.readString(knob)));
        Files.writeString(knob, value + "\n");
      }
    }

    @Override
    public void close() throws IOException {
      while (!before.isEmpty()) {
        Setting setting = before.pop();
        Files.writeString(setting.knob, setting.value);
      }
    }
  }

  /**
   * Settings for a kernel that holds most of its memory locked, and has not long to live:
   *
   * <ul>
   *   <li>it moves no locked page: no compaction, no merging, no balancing, no collapsing;
   *   <li>it keeps only 8 MiB free for itself. With transparent huge pages it keeps 1 to 2 % of
   *       memory, and kills who takes of that ({@code set_recommended_min_free_kbytes} in {@code
   *       mm/khugepaged.c}).
   * </ul>
   */
  public static Changed forResume() throws IOException {
    Changed changed = new Changed();
    try {
      for (Path mover : List.of(COMPACT_UNEVICTABLE, KSM, NUMA_BALANCING, COLLAPSE)) {
        changed.set(mover, "0");
      }
      changed.set(MIN_FREE, Long.toString(RESERVE_KIB));
      return changed;
    } catch (IOException e) {
      changed.close();
      throw e;
    }
  }

  /**
   * Frees clean page cache, dentries and inodes. Nothing is lost: they are read again when needed.
   */
  public static void dropCaches() throws IOException {
    Files.writeString(DROP_CACHES, "3\n");
  }
}
