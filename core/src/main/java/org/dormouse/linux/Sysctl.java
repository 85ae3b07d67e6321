package org.dormouse.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

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

  /**
   * Makes the kernel keep only 8 MiB free for itself. With transparent huge pages it keeps 1 to 2 %
   * of memory, and kills who takes of that ({@code set_recommended_min_free_kbytes} in {@code
   * mm/khugepaged.c}). For a kernel that has not long to live.
   */
  public static void shrinkReserves() throws IOException {
    Files.writeString(MIN_FREE, RESERVE_KIB + "\n");
  }

  /**
   * Frees clean page cache, dentries and inodes. Nothing is lost: they are read again when needed.
   */
  public static void dropCaches() throws IOException {
    Files.writeString(DROP_CACHES, "3\n");
  }

  /**
   * Tells the kernel to move no locked page: no compaction, no merging, no balancing, no
   * collapsing.
   */
  public static void keepLockedPagesInPlace() throws IOException {
    writeIfThere(COMPACT_UNEVICTABLE);
    writeIfThere(KSM);
    writeIfThere(NUMA_BALANCING);
    writeIfThere(COLLAPSE);
  }

  private static void writeIfThere(Path knob) throws IOException {
    if (Files.exists(knob)) {
      Files.writeString(knob, "0\n");
    }
  }
}
