package org.dormouse.sleep;

import java.io.IOException;
import java.util.List;
import org.dormouse.linux.SharedMemory;
import org.dormouse.mailbox.Mailbox;
import org.dormouse.memory.PageRange;
import org.dormouse.protocol.SharedPages;

/** In the original kernel: the memory in which the mailbox lies. */
final class MailboxMemory {
  private MailboxMemory() {}

  /**
   * Opens it, the one that is there if that will do.
   *
   * @param region the saver region
   */
  static SharedMemory outside(PageRange region) throws IOException {
    return SharedPages.outside(Mailbox.KEY, Mailbox.BYTES, List.of(region));
  }

  /** Whether none of these frames is swapped out for a saver. */
  static boolean isOutside(long[] frames, PageRange region) {
    return SharedPages.areOutside(frames, List.of(region));
  }
}
