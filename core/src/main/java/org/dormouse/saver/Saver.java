package org.dormouse.saver;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.dormouse.linux.KernelLog;
import org.dormouse.linux.LinuxException;
import org.dormouse.linux.MemoryInfo;
import org.dormouse.mailbox.Mailbox;
import org.dormouse.mailbox.MailboxAnswer;
import org.dormouse.mailbox.MailboxRequest;
import org.dormouse.mailbox.MailboxStatus;
import org.dormouse.protocol.Journal;
import org.dormouse.protocol.LastWords;
import org.dormouse.protocol.MappedFrames;
import org.dormouse.protocol.Place;
import org.dormouse.protocol.SaverAnswer;
import org.dormouse.protocol.SaverTask;
import org.dormouse.protocol.Stay;
import org.dormouse.seal.ImageKey;
import org.dormouse.text.KeyValues;
import org.dormouse.text.Report;
import org.dormouse.text.ReportException;

/**
 * The saver kernel's life: it does what the original kernel asks for, answers, jumps back, and goes
 * on behind its own jump when the original kernel enters it again.
 */
public final class Saver {
  /** How many lines of the kernel's log an answer carries. */
  private static final int LOG_LINES = 40;

  private static final String NO_IMAGE = "There is no image.";

  private final Journal journal;
  private final Place place;

  /** A saver of the kernel at {@code place}; tells {@code journal} how it goes. */
  public Saver(Journal journal, Place place) {
    this.journal = journal;
    this.place = place;
  }

  /**
   * Serves the original kernel as long as it comes back. Begins with a request.
   *
   * @param answered the number of the last request that was answered; none with that number or a
   *     lower one is carried out
   * @throws IOException if there is no way back
   */
  public void serve(long answered) throws IOException, InterruptedException {
    long last = answered;
    while (true) {
      journal.stage("saver");
      LoadedJumpBack way = LoadedJumpBack.load(place);
      prepareForPanic();
      last = answerNext(last, way);
      journal.stage("return");
      way.jump();
    }
  }

  private void prepareForPanic() {
    try {
      LoadedJumpBack.loadForPanic(place);
    } catch (IOException e) {
      journal.say("a panic of the saver would restart the machine: " + e.getMessage());
    }
  }

  /** Writes into the mailbox that the saver's program has died: for the program's next run. */
  public void reportDeath(long exitCode, String printed) throws IOException {
    Mailbox mailbox = mailbox();
    long sequence = mailbox.request().map(MailboxRequest::sequence).orElse(0L);
    KeyValues lines = withLog(SaverAnswer.died(LastWords.of(printed)));
    LoadedJumpBack.load(place);
    mailbox.answer(new MailboxAnswer(sequence, MailboxStatus.AGENT_DIED, exitCode, lines));
  }

  private Mailbox mailbox() throws IOException {
    return Mailbox.at(place.mailbox(), new MappedFrames());
  }

  /** Does what is asked for next, and answers; returns the number of the request. */
  private long answerNext(long last, LoadedJumpBack way) throws IOException, InterruptedException {
    Mailbox mailbox = mailbox();
    Optional<MailboxRequest> next = mailbox.request();
    if (next.isEmpty()
        || next.get().sequence() <= last
        || next.get().sequence() == mailbox.answer().sequence()) {
      journal.say("there is no new request in the mailbox; going back");
      return last;
    }
    MailboxRequest request = next.get();
    MailboxAnswer answer;
    try (ImageKey key = ImageKey.blank()) {
      // First of all: it must not be in the image.
      mailbox.takeKey(key.bytes());
      answer = perform(request, key);
    }
    mailbox.answer(
        new MailboxAnswer(
            answer.sequence(),
            answer.status(),
            0,
            SaverAnswer.withWarm(answer.lines(), way.canBeEnteredAgain())));
    return request.sequence();
  }

  private MailboxAnswer perform(MailboxRequest request, ImageKey key) throws InterruptedException {
    CallOff callOff = new CallOff();
    try {
      SaverTask task = SaverTask.of(request.lines());
      Stay stay = Stay.of(request.lines());
      if (stay.shell() == Stay.Shell.FIRST) {
        journal.stage("shell");
        LentShell.run();
      }
      return perform(task, stay, request, key, callOff);
    } catch (InterruptedException e) {
      return failed(request, SaverAnswer.calledOff(callOff.why().orElseThrow(() -> e)));
    } catch (ReportException e) {
      return failed(request, SaverAnswer.failed(e.report()));
    } catch (IOException e) {
      return failed(
          request,
          SaverAnswer.failed(
              new Report("the saver failed: " + e.getMessage(), NO_IMAGE, "See the log below.")));
    } catch (RuntimeException e) {
      return failed(request, SaverAnswer.failed(Report.defect("Dormouse's saver", e, NO_IMAGE)));
    }
  }

  private MailboxAnswer perform(
      SaverTask task, Stay stay, MailboxRequest request, ImageKey key, CallOff callOff)
      throws IOException, InterruptedException {
    return switch (task) {
      case SaverTask.Return _ -> {
        journal.say("the saver kernel is up, and goes back at once");
        KeyValues free = KeyValues.empty().with("saver_free_bytes", MemoryInfo.read().free());
        yield done(request, SaverAnswer.withJumpBackEntry(free, place.jumpBackEntry()));
      }
      case SaverTask.Save save -> {
        journal.fact("sealed", save.sealed() == SaverTask.Sealed.YES ? "yes" : "no");
        save.codec().ifPresent(codec -> journal.fact("codec", codec.text()));
        try (TimeLimit _ = new TimeLimit(stay.limit(), callOff, journal);
            Guard _ = Guard.begin(stay.watchdog(), journal)) {
          new Save(journal, place)
              .run(
                  save,
                  request,
                  save.sealed() == SaverTask.Sealed.YES ? Optional.of(key) : Optional.empty(),
                  callOff);
        }
        yield new Aftermath(journal, save.image(), save.offset()).run(save.then(), request);
      }
      case SaverTask.Snapshot snapshot -> {
        try (TimeLimit _ = new TimeLimit(stay.limit(), callOff, journal);
            Guard _ = Guard.begin(stay.watchdog(), journal)) {
          new Snapshot(journal, place)
              .run(
                  snapshot,
                  request,
                  snapshot.sealed() == SaverTask.Sealed.YES ? Optional.of(key) : Optional.empty(),
                  callOff);
        }
        yield done(request, KeyValues.empty());
      }
    };
  }

  /** The answer that it was done. */
  static MailboxAnswer done(MailboxRequest request, KeyValues lines) {
    return new MailboxAnswer(request.sequence(), MailboxStatus.DONE, 0, lines);
  }

  private MailboxAnswer failed(MailboxRequest request, KeyValues lines) {
    journal.say("not done: " + SaverAnswer.happened(lines));
    return new MailboxAnswer(request.sequence(), MailboxStatus.FAILED, 0, withLog(lines));
  }

  private static KeyValues withLog(KeyValues lines) {
    try {
      return SaverAnswer.withLog(lines, KernelLog.tail(LOG_LINES));
    } catch (LinuxException e) {
      return SaverAnswer.withLog(lines, List.of("the saver kernel's log cannot be read: " + e));
    }
  }
}
