package org.dormouse.saver;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.dormouse.image.Image;
import org.dormouse.linux.LinuxException;
import org.dormouse.linux.Power;
import org.dormouse.linux.SuspendToRam;
import org.dormouse.mailbox.MailboxAnswer;
import org.dormouse.mailbox.MailboxRequest;
import org.dormouse.protocol.Journal;
import org.dormouse.protocol.Then;
import org.dormouse.store.Store;
import org.dormouse.text.KeyValues;
import org.dormouse.text.ReportException;

/**
 * In the saver kernel, with a complete image on the store: what becomes of the machine. Whenever
 * the original kernel goes on, the image is taken away first, for it would take the machine back to
 * before this moment.
 */
final class Aftermath {
  /** How long a disk may take to be there again after a suspend. */
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static final String TAKEN_BACK = "The image was taken back.";

  private final Journal journal;
  private final UUID image;
  private final OptionalLong offset;

  /**
   * What is done with an image that is complete.
   *
   * @param offset where on its device the store is; empty for one that is the whole device
   */
  Aftermath(Journal journal, UUID image, OptionalLong offset) {
    this.journal = journal;
    this.image = image;
    this.offset = offset;
  }

  /**
   * Returns, with the answer, only if the original kernel is to go on.
   *
   * @throws ReportException if the machine cannot be switched off, restarted or suspended; the
   *     image is taken away
   * @throws IOException if the image could not be taken away
   */
  MailboxAnswer run(Then then, MailboxRequest request) throws IOException, InterruptedException {
    switch (then) {
      case POWEROFF -> {
        journal.stage("poweroff");
        end("the machine could not be switched off", Power::off);
      }
      case REBOOT -> {
        journal.stage("reboot");
        end("the machine could not be restarted", Power::restart);
      }
      case SUSPEND -> suspend();
      case RETURN -> takeAway("the machine went on");
    }
    return Saver.done(request, KeyValues.empty());
  }

  /** What does not come back, unless it fails. */
  private interface End {
    void now() throws LinuxException;
  }

  private void end(String failure, End end) throws IOException, InterruptedException {
    try {
      end.now();
      throw new IllegalStateException(failure + ": it came back");
    } catch (LinuxException e) {
      takeAway(failure);
      throw new ReportException(
          failure + ": " + e.getMessage(), TAKEN_BACK, "Look for ACPI errors in the log below.");
    }
  }

  private void suspend() throws IOException, InterruptedException {
    journal.stage("suspend");
    try {
      SuspendToRam.now();
    } catch (IOException e) {
      takeAway("the machine could not be suspended");
      throw new ReportException(
          "the machine could not be suspended to RAM: " + e.getMessage(),
          TAKEN_BACK,
          "Look for the device that refused in the log below.");
    }
    journal.stage("resume");
    takeAway("the machine was woken up from RAM");
  }

  private void takeAway(String reason) throws IOException, InterruptedException {
    Optional<Stores.Found> found = Stores.await(Stores.holding(image), offset, PATIENCE);
    if (found.isEmpty()) {
      throw new IOException("the store is not there any more, and the image on it is complete");
    }
    try (Store store = found.get().openForWriting()) {
      Image.discard(store, reason);
    }
  }
}
