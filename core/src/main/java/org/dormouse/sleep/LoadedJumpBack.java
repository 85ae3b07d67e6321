package org.dormouse.sleep;

import java.io.IOException;
import java.util.Optional;
import org.dormouse.boot.PagingMode;
import org.dormouse.kexec.JumpBack;
import org.dormouse.kexec.KexecPlanException;
import org.dormouse.linux.CommandLine;
import org.dormouse.linux.Errno;
import org.dormouse.linux.Kexec;
import org.dormouse.linux.LinuxException;
import org.dormouse.linux.Processor;
import org.dormouse.mailbox.Mailbox;
import org.dormouse.mailbox.MailboxStatus;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;

/**
 * In the saver kernel: the way back into the original kernel, loaded. A jump uses it up: who is
 * entered again loads the next one before anything else.
 */
final class LoadedJumpBack {
  /** Whether the original kernel can enter this saver again after the jump. */
  private enum Reentry {
    POSSIBLE,
    /** The saver's kernel was built without {@code CONFIG_KEXEC_JUMP}. */
    IMPOSSIBLE
  }

  /**
   * From where in the region on the stub and its page tables lie, in bytes: behind what the layout
   * puts at the region's start. A kernel of any kind has RAM there.
   */
  private static final long ROOM_OFFSET = 256L << 10;

  private static final long ROOM_PAGES = 64;

  private final Reentry reentry;

  private LoadedJumpBack(Reentry reentry) {
    this.reentry = reentry;
  }

  /**
   * Loads it.
   *
   * @throws IOException if it cannot be loaded: this kernel cannot go back
   */
  static LoadedJumpBack load(Saver.Place place) throws IOException {
    PagingMode mode = PagingMode.of(Processor.read());
    long start = place.region().start() + Pages.pfn(ROOM_OFFSET);
    PageRange room = new PageRange(start, start + ROOM_PAGES);
    try {
      return load(place.jumpBackEntry(), mode, room);
    } catch (KexecPlanException e) {
      throw new IOException("the way back cannot be planned: " + e.getMessage(), e);
    }
  }

  private static LoadedJumpBack load(long jumpBackEntry, PagingMode mode, PageRange room)
      throws KexecPlanException, IOException {
    try {
      Kexec.load(JumpBack.withReentry(jumpBackEntry, mode, room));
      return new LoadedJumpBack(Reentry.POSSIBLE);
    } catch (LinuxException e) {
      if (e.errno() != Errno.EINVAL) {
        throw e;
      }
      Kexec.load(JumpBack.forGood(jumpBackEntry, mode, room));
      return new LoadedJumpBack(Reentry.IMPOSSIBLE);
    }
  }

  /** Whether the original kernel can enter this saver again after the jump. */
  boolean canBeEnteredAgain() {
    return reentry == Reentry.POSSIBLE;
  }

  /**
   * Jumps into the original kernel. Returns when it has entered this saver again.
   *
   * @throws IOException if the kernel does not jump; the saver kernel goes on
   */
  void jump() throws IOException {
    Kexec.execute();
  }
}
