package org.dormouse.sleep;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.dormouse.kexec.SaverLayout;
import org.dormouse.linux.SharedMemory;
import org.dormouse.mailbox.Mailbox;
import org.dormouse.memory.PageRange;
import org.dormouse.text.ReportException;

/**
 * In the original kernel: the memory in which the mailbox lies. None of it may be in the saver
 * region or in low memory: what was there is swapped out while a saver runs, which would look for
 * its request in its own memory.
 */
final class MailboxMemory {
  /** How many segments are tried: 512 MiB of them, more than any region. */
  private static final int TRIES = (int) ((512L << 20) / Mailbox.BYTES);

  private MailboxMemory() {}

  /**
   * Opens it, the one that is there if that will do.
   *
   * @param region the saver region
   * @throws ReportException if all memory that is to be had lies in the region
   */
  static SharedMemory outside(PageRange region) throws IOException {
    List<SharedMemory> unfit = new ArrayList<>();
    try {
      for (int i = 0; i < TRIES; i++) {
        SharedMemory memory = SharedMemory.open(Mailbox.KEY, Mailbox.BYTES);
        if (isOutside(memory.frames(), region)) {
          return memory;
        }
        // As long as it is attached it keeps its frames, so that the next one gets others.
        unfit.add(memory);
        SharedMemory.remove(Mailbox.KEY);
      }
    } finally {
      for (SharedMemory memory : unfit) {
        memory.close();
      }
    }
    throw new ReportException(
        "no memory for the saver's mailbox outside of the saver region " + region,
        "Nothing is loaded; the machine goes on.",
        "End programs that use memory and try again.");
  }

  /** Whether none of these frames is swapped out for a saver. */
  static boolean isOutside(long[] frames, PageRange region) {
    return LongStream.of(frames)
        .noneMatch(frame -> region.contains(frame) || frame < SaverLayout.LOW_MEMORY.end());
  }
}
