package org.dormouse.saver;

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
import org.dormouse.protocol.KexecLoad;
import org.dormouse.protocol.Place;
import org.dormouse.protocol.SaverWords;

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

  private final Reentry reentry;

  private LoadedJumpBack(Reentry reentry) {
    this.reentry = reentry;
  }

  /**
   * Loads it, and where the kernel has room for it another one for the case that this kernel
   * panics.
   *
   * @throws IOException if it cannot be loaded: this kernel cannot go back
   */
  static LoadedJumpBack load(Place place) throws IOException {
    Processor processor = Processor.read();
    PagingMode mode = processor.fiveLevelPaging() ? PagingMode.FIVE_LEVEL : PagingMode.FOUR_LEVEL;
    JumpBack back = new JumpBack(place.jumpBackEntry(), mode);
    try {
      return load(back, JumpBack.room(place.region(), mode));
    } catch (KexecPlanException e) {
      throw new IOException("the way back cannot be planned: " + e.getMessage(), e);
    }
  }

  private static LoadedJumpBack load(JumpBack back, PageRange room)
      throws KexecPlanException, IOException {
    try {
      KexecLoad.of(back.withReentry(room));
      return new LoadedJumpBack(Reentry.POSSIBLE);
    } catch (LinuxException e) {
      if (e.errno() != Errno.EINVAL) {
        throw e;
      }
      KexecLoad.of(back.forGood(room));
      return new LoadedJumpBack(Reentry.IMPOSSIBLE);
    }
  }

  /**
   * Loads the way back that a panic of this kernel takes: the original kernel goes on then, and
   * finds in its mailbox what happened. Not while the original kernel's memory is incomplete.
   *
   * @throws IOException if it cannot be loaded; a panic restarts the machine then
   */
  static void loadForPanic(Place place) throws IOException {
    Optional<PageRange> reservation = SaverWords.crashReservation(CommandLine.running());
    Processor processor = Processor.read();
    if (reservation.isEmpty() || processor.bootApicId().isEmpty()) {
      return;
    }
    PagingMode mode = processor.fiveLevelPaging() ? PagingMode.FIVE_LEVEL : PagingMode.FOUR_LEVEL;
    JumpBack.StatusWord status =
        new JumpBack.StatusWord(
            place.mailbox() + Mailbox.STATUS_OFFSET,
            MailboxStatus.PANICKED.code(),
            place.mailbox() + Mailbox.LOG_FRAMES_OFFSET);
    try {
      KexecLoad.of(
          new JumpBack(place.jumpBackEntry(), mode)
              .onCrash(
                  reservation.get(), processor.bootApicId().getAsInt(), Optional.of(status), 0));
    } catch (KexecPlanException e) {
      throw new IOException("the way back of a panic cannot be planned: " + e.getMessage(), e);
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
