package org.dormouse.sleep;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.Optional;
import org.dormouse.linux.Kexec;
import org.dormouse.linux.LinuxException;
import org.dormouse.linux.Power;
import org.dormouse.linux.SharedMemory;
import org.dormouse.linux.Watchdog;
import org.dormouse.linux.WatchdogTimer;
import org.dormouse.mailbox.Mailbox;
import org.dormouse.mailbox.MailboxAnswer;
import org.dormouse.mailbox.MailboxRequest;
import org.dormouse.mailbox.MailboxStatus;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;
import org.dormouse.protocol.Original;
import org.dormouse.protocol.PanicLog;
import org.dormouse.protocol.SaverAnswer;
import org.dormouse.protocol.SaverFailure;
import org.dormouse.protocol.SaverRecord;
import org.dormouse.protocol.SaverTask;
import org.dormouse.protocol.Stay;
import org.dormouse.seal.ImageKey;
import org.dormouse.text.KeyValues;
import org.dormouse.text.Report;
import org.dormouse.text.ReportException;

/**
 * In the original kernel: a saver that is loaded, cold or warm, and can be asked for something. The
 * machine jumps into it, and goes on when the saver has answered.
 */
final class ReadySaver {
  private final SaverRecord saver;
  private final Original original;

  /**
   * @param saver what is remembered of it
   * @param original what it is told of this kernel
   */
  ReadySaver(SaverRecord saver, Original original) {
    this.saver = saver;
    this.original = original;
  }

  /** What is remembered of it. */
  SaverRecord record() {
    return saver;
  }

  /** What it is told of this kernel. */
  Original original() {
    return original;
  }

  /** The saver region. */
  PageRange region() {
    return original.region();
  }

  /**
   * Jumps into the saver. It stays loaded if it can be entered again, else it is unloaded.
   *
   * @param task what it is asked to do
   * @param stay how its stay there is to go
   * @return what it answered: done, or slept and awake
   * @throws ReportException if it could not do it, or the kernel did not jump
   */
  MailboxAnswer ask(SaverTask task, Stay stay) throws IOException {
    try (ImageKey none = ImageKey.blank()) {
      return ask(task, stay, KeyValues.empty(), none);
    }
  }

  /**
   * The same for an image that may be sealed.
   *
   * @param more lines that the task needs
   * @param key the image's, all zero if it is not sealed. It is wiped before the jump, so that the
   *     image does not hold its own key
   */
  MailboxAnswer ask(SaverTask task, Stay stay, KeyValues more, ImageKey key) throws IOException {
    return ask(task, stay, more, key, Kexec::execute);
  }

  /** What jumps. */
  @FunctionalInterface
  interface Jump {
    /** Jumps into what is loaded; returns when this kernel goes on. */
    void execute() throws LinuxException;
  }

  /**
   * The same by a jump of the caller's.
   *
   * @param jump does what {@link Kexec#execute} does
   */
  MailboxAnswer ask(SaverTask task, Stay stay, KeyValues more, ImageKey key, Jump jump)
      throws IOException {
    Optional<Watchdog> guard = Watchdog.guard();
    try (SharedMemory shared = SharedMemory.open(Mailbox.KEY, Mailbox.BYTES)) {
      Mailbox mailbox = Mailbox.in(shared.memory());
      long sequence = nextSequence(mailbox);
      long[] frames = shared.frames();
      checkNotMoved(frames);
      KeyValues lines =
          task.lines()
              .withAll(stay.watchedBy(guard.map(Watchdog::identity)).lines())
              .withAll(saver.lines())
              .withAll(original.lines())
              .with(Original.JUMPING_TASK, Kexec.task())
              .withAll(more);
      mailbox.putKey(key.bytes());
      key.wipe();
      mailbox.put(new MailboxRequest(sequence, lines), frames);
      try {
        jump(jump);
      } finally {
        mailbox.wipeKey();
      }
      return judge(mailbox, sequence);
    } catch (SaverFailure e) {
      if (guard.isPresent()) {
        stop(guard.get(), e);
      }
      throw e;
    }
  }

  /** A saver that went wrong may have left its watchdog running, and then the machine restarts. */
  private static void stop(Watchdog guard, SaverFailure failure) throws ReportException {
    try {
      WatchdogTimer.stop(guard);
    } catch (LinuxException e) {
      throw new ReportException(
          new Report(
              failure.report().happened()
                  + "; and what watched it, "
                  + guard.identity()
                  + ", cannot be stopped: "
                  + e.getMessage(),
              "The machine goes on, and may be restarted by that in half a minute.",
              "Save your work. Then feed the watchdog, /dev/" + guard.name() + ", or restart."),
          failure);
    }
  }

  /** Leaves word of this saver in the mailbox for a process that enters it later. */
  void leaveWord() throws IOException {
    try (SharedMemory shared = SharedMemory.open(Mailbox.KEY, Mailbox.BYTES)) {
      Mailbox mailbox = Mailbox.in(shared.memory());
      long[] frames = shared.frames();
      checkNotMoved(frames);
      KeyValues lines =
          new SaverTask.Return().lines().withAll(saver.lines()).withAll(original.lines());
      mailbox.put(new MailboxRequest(nextSequence(mailbox), lines), frames);
    }
  }

  private static long nextSequence(Mailbox mailbox) throws IOException {
    return mailbox.request().map(MailboxRequest::sequence).orElse(0L) + 1;
  }

  private void checkNotMoved(long[] frames) throws IOException {
    if (Pages.address(frames[0]) != saver.mailbox()
        || !MailboxMemory.isOutside(frames, original.region())) {
      unload();
      throw new ReportException(
          "the mailbox of the saver has moved in memory",
          "The saver is unloaded; the machine goes on.",
          "Try again: a saver will be loaded anew.");
    }
  }

  private static void jump(Jump jump) throws IOException {
    Power.sync();
    try {
      jump.execute();
    } catch (LinuxException e) {
      unload();
      throw new ReportException(
          new Report(
              "the kernel did not jump: " + e.getMessage(),
              "Nothing is loaded; the machine goes on.",
              "The kernel's log (dmesg) names the device or process that did not want to stop."),
          e);
    }
  }

  private static MailboxAnswer judge(Mailbox mailbox, long sequence) throws IOException {
    MailboxAnswer answer = mailbox.answer();
    boolean answered = answer.sequence() == sequence;
    boolean warm = answered && SaverAnswer.isWarm(answer.lines());
    if (!warm) {
      unload();
    }
    return switch (answer.status()) {
      case DONE, AWAKE -> answer;
      case FAILED -> throw SaverFailure.told(answer.lines());
      case PANICKED -> throw SaverFailure.panicked(log(mailbox));
      case AGENT_DIED -> throw SaverFailure.died(answer);
      case NONE -> throw SaverFailure.silent();
    };
  }

  private static PanicLog log(Mailbox mailbox) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      return PanicLog.of(mailbox.log(arena));
    }
  }

  /** Whether this answer says that the machine slept. */
  static boolean slept(MailboxAnswer answer) {
    return answer.status() == MailboxStatus.AWAKE;
  }

  private static void unload() throws LinuxException {
    Kexec.unload();
  }
}
