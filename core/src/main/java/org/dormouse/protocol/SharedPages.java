package org.dormouse.protocol;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.dormouse.kexec.SaverLayout;
import org.dormouse.linux.SharedMemory;
import org.dormouse.memory.PageRange;
import org.dormouse.text.ReportException;

/**
 * In the original kernel: memory that other kernels reach while they run. None of it may lie in one
 * of their regions or in low memory: what was there is swapped out then, and they would look at
 * memory of their own.
 */
public final class SharedPages {
  /** How much is tried in all, in bytes: more than any region has. */
  private static final long MOST = 512L << 20;

  private SharedPages() {}

  /**
   * Opens it, the one that is there if that will do.
   *
   * @param key names it
   * @param bytes its size, whole pages
   * @param regions those of the other kernels
   * @throws ReportException if all memory that is to be had lies in the regions
   */
  public static SharedMemory outside(int key, long bytes, List<PageRange> regions)
      throws IOException {
    List<SharedMemory> unfit = new ArrayList<>();
    try {
      for (long tried = 0; tried < MOST; tried += bytes) {
        SharedMemory memory = SharedMemory.open(key, bytes);
        if (areOutside(memory.frames(), regions)) {
          return memory;
        }
        // As long as it is attached it keeps its frames, so that the next one gets others.
        unfit.add(memory);
        SharedMemory.remove(key);
      }
    } finally {
      for (SharedMemory memory : unfit) {
        memory.close();
      }
    }
    throw new ReportException(
        "no memory that two kernels could share outside of " + regions,
        "Nothing is loaded; the machine goes on.",
        "End programs that use memory and try again.");
  }

  /** Whether none of these frames is swapped out for a kernel in one of the regions. */
  public static boolean areOutside(long[] frames, List<PageRange> regions) {
    return LongStream.of(frames)
        .noneMatch(
            frame ->
                frame < SaverLayout.LOW_MEMORY.end()
                    || regions.stream().anyMatch(region -> region.contains(frame)));
  }
}
