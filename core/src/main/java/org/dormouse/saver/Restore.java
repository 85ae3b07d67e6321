package org.dormouse.saver;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.dormouse.image.Image;
import org.dormouse.image.ImageFormatException;
import org.dormouse.image.ImageHeader;
import org.dormouse.image.ImageProgress;
import org.dormouse.image.ImageProgress.Stage;
import org.dormouse.image.ImageReader;
import org.dormouse.image.ImageState;
import org.dormouse.image.PipelineSize;
import org.dormouse.image.WakeDescription;
import org.dormouse.linux.CommandLine;
import org.dormouse.linux.Kexec;
import org.dormouse.linux.LinuxException;
import org.dormouse.linux.MemoryInfo;
import org.dormouse.linux.PhysicalMemory;
import org.dormouse.linux.Power;
import org.dormouse.linux.Processor;
import org.dormouse.mailbox.Mailbox;
import org.dormouse.mailbox.MailboxAnswer;
import org.dormouse.mailbox.MailboxStatus;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;
import org.dormouse.protocol.Journal;
import org.dormouse.protocol.LastWords;
import org.dormouse.protocol.MappedFrames;
import org.dormouse.protocol.Original;
import org.dormouse.protocol.Place;
import org.dormouse.protocol.SaverAnswer;
import org.dormouse.protocol.SaverRecord;
import org.dormouse.protocol.SaverWords;
import org.dormouse.protocol.WakeConditions;
import org.dormouse.seal.ImageKey;
import org.dormouse.store.Store;
import org.dormouse.text.KeyValues;
import org.dormouse.text.Quantity;
import org.dormouse.text.Report;
import org.dormouse.text.ReportException;

/**
 * In a saver that was started to wake an image: puts the original kernel's pages where they were,
 * and jumps to it. The same walk as {@link Save}, in the other direction.
 */
public final class Restore {
  /** The line of an image's details that has the number of the request that it answers. */
  static final String SEQUENCE = "sequence";

  /** How long a store may take to appear after its driver has started. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** After so many failures somebody is asked. */
  private static final int ATTEMPTS = 2;

  private static final Duration ASKING = Duration.ofSeconds(60);

  private static final String NOT_KNOWN = "nobody knew the passphrase";

  private final Journal journal;
  private final UUID image;
  private final OptionalLong offset;
  private final SaverWords.Start start;

  /**
   * Tells {@code journal} how it goes.
   *
   * @param image the one to wake
   * @param offset where on its device its store is; empty for one that is the whole device
   * @param start who started this saver
   */
  public Restore(Journal journal, UUID image, OptionalLong offset, SaverWords.Start start) {
    this.journal = journal;
    this.image = image;
    this.offset = offset;
    this.start = start;
  }

  /**
   * What became of a wake.
   *
   * <p>Only {@link Woken} is good; after the others the machine has to be restarted.
   */
  public sealed interface Outcome {
    /**
     * The original kernel was awake, and has now entered this saver again.
     *
     * @param place where it goes on
     * @param answered the number of the request that was answered last
     */
    record Woken(Place place, long answered) implements Outcome {}

    /** There is nothing to wake here: nothing was touched. */
    record NothingToWake(String why) implements Outcome {}

    /** It must not be woken; the image says why, and that it is left alone or taken away. */
    record Refused(String why) implements Outcome {}

    /** Nobody gave the key of a sealed image; it is as good as before. */
    record NotOpened(String why) implements Outcome {}

    /** It was tried and failed; the image is as good as before, and says why. */
    record Failed(String why) implements Outcome {}
  }

  /**
   * Wakes the image.
   *
   * @throws IOException if not even the reason of a failure could be written down
   */
  public Outcome run() throws IOException, InterruptedException {
    journal.stage("restore-search");
    Optional<Stores.Found> found = Stores.await(Stores.holding(image), offset, PATIENCE);
    if (found.isEmpty()) {
      return new Outcome.NothingToWake("no device holds image " + image);
    }
    try (Store store = found.get().openForWriting()) {
      return run(store);
    }
  }

  private Outcome run(Store store) throws IOException, InterruptedException {
    try {
      ImageHeader header = Image.header(store);
      if (header.state() != ImageState.COMPLETE) {
        return new Outcome.NothingToWake(
            "image " + image + " on " + store.name() + " is " + header.state());
      }
      if (start == SaverWords.Start.DIRECT && header.attempts() >= ATTEMPTS) {
        return leaveToOrdinaryBoot(store, header);
      }
      return wake(store);
    } catch (ImageFormatException e) {
      Image.discard(store, reason(e));
      return new Outcome.Refused("it is damaged, and taken away: " + e.getMessage());
    } catch (IllegalArgumentException e) {
      Image.discard(store, "it makes no sense: " + e.getMessage());
      return new Outcome.Refused("it makes no sense, and is taken away: " + e.getMessage());
    }
  }

  /**
   * A boot loader has started this saver over an image that has failed before: an ordinary boot
   * asks the person what to do. If the boot loader does not go there, the image is tried again
   * after a while, so that the machine does not restart in a loop.
   */
  private Outcome leaveToOrdinaryBoot(Store store, ImageHeader header)
      throws IOException, InterruptedException {
    if (header.restarts() == 0) {
      Image.countRestart(store);
      return new Outcome.NothingToWake(
          "image " + image + " has failed before; an ordinary boot will ask what to do");
    }
    journal.say(
        "image "
            + image
            + " has failed before ("
            + header.reason()
            + "); switch off now, or it is tried again in a minute");
    Thread.sleep(ASKING.toMillis());
    return wake(store);
  }

  /**
   * Writes down why a wake failed whose program has died.
   *
   * @param exitCode what it ended with
   * @param printed what it printed on stderr
   */
  public void recordDeath(String exitCode, String printed) throws IOException {
    String reason =
        "the saver's program died, exit code "
            + exitCode
            + LastWords.of(printed).cause().map(cause -> ": " + cause).orElse("");
    Optional<Stores.Found> found = Stores.find(Stores.holding(image), offset);
    if (found.isPresent()) {
      try (Store store = found.get().openForWriting()) {
        Image.recordFailure(store, image, reason);
      }
    }
  }

  private Outcome wake(Store store) throws IOException, InterruptedException {
    if (start == SaverWords.Start.DIRECT) {
      // Before anything that this program could die of: the boot loader would start it for ever.
      Image.countAttempt(store, image);
    }
    Optional<ImageKey> key = Optional.empty();
    try {
      ImageHeader header = Image.header(store);
      if (header.seal().isPresent()) {
        switch (keyOf(store, header)) {
          case KeySearch.Outcome.Found(ImageKey found) -> key = Optional.of(found);
          case KeySearch.Outcome.NotKnown _ -> {
            Image.bootOnce(store, image, NOT_KNOWN);
            return new Outcome.NotOpened(NOT_KNOWN);
          }
        }
      }
      return wake(store, key);
    } catch (ImageFormatException e) {
      throw e;
    } catch (IOException e) {
      Image.recordFailure(store, image, reason(e));
      return new Outcome.Failed(e.getMessage());
    } finally {
      key.ifPresent(ImageKey::close);
    }
  }

  /**
   * Finds the key. As long as a person is asked, this is no attempt: whoever switches the machine
   * off then has lost nothing.
   */
  private KeySearch.Outcome keyOf(Store store, ImageHeader header)
      throws IOException, InterruptedException {
    journal.stage("key");
    KeySearch search = new KeySearch(journal, store, header);
    if (!search.mayAsk()) {
      return search.run();
    }
    Image.takeBackAttempt(store, image);
    try {
      KeySearch.Outcome outcome = search.run();
      if (outcome instanceof KeySearch.Outcome.Found) {
        Image.countAttempt(store, image);
      }
      return outcome;
    } catch (IOException e) {
      Image.countAttempt(store, image);
      throw e;
    }
  }

  private Outcome wake(Store store, Optional<ImageKey> key)
      throws IOException, InterruptedException {
    journal.stage("restore-check");
    try (Arena arena = Arena.ofShared()) {
      ImageReader reader = ImageReader.open(store, key);
      journal.fact("sealed", key.isPresent() ? "yes" : "no");
      KeyValues details = KeyValues.parse(reader.details());
      Original original = Original.of(details);
      checkRoom(original);
      PageSet permitted = PageSet.of(arena, original.map().limit(), original.visible());
      Checked checked = check(reader, details, permitted);
      return checked.refusal().isPresent()
          ? refuse(store, checked.refusal().get())
          : attempt(store, reader.wake(), checked.plan(), details, original, key);
    }
  }

  /**
   * How much memory there is was read, and is not to be believed before it is known to fit: there
   * is a set of the pages that may be written, and one of those that are still to come. Both are
   * off the heap, whose size limits no more than what is on it.
   */
  private static void checkRoom(Original original) throws IOException {
    long wanted = 2 * original.pageSetBytes();
    long room = MemoryInfo.read().available();
    if (wanted > room) {
      throw new ReportException(
          String.format(
              "the image is of %s of memory, to keep count of it takes %s, and there are %s",
              Quantity.bytes(Pages.address(original.map().ramPages())),
              Quantity.bytes(wanted),
              Quantity.bytes(room)),
          "The image is as it was.",
          "Discard it if the machine never had memory there.");
    }
  }

  private record Checked(Optional<WakeConditions.Refusal> refusal, ImageReader.Plan plan) {}

  /** Looks at the machine and at the index at the same time. */
  private static Checked check(ImageReader reader, KeyValues details, PageSet permitted)
      throws IOException, InterruptedException {
    try (ExecutorService beside = Executors.newSingleThreadExecutor()) {
      Future<ImageReader.Plan> plan = beside.submit(() -> reader.plan(permitted));
      Optional<WakeConditions.Refusal> refusal = WakeConditions.check(details);
      return new Checked(refusal, plan.get());
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException cause -> throw cause;
        case IllegalArgumentException cause -> throw cause;
        default -> throw new IllegalStateException("the index cannot be checked", e.getCause());
      }
    }
  }

  private Outcome refuse(Store store, WakeConditions.Refusal refusal) throws IOException {
    switch (refusal.fate()) {
      case TAKEN_AWAY -> Image.discard(store, refusal.why());
      case LEFT_ALONE -> Image.refuse(store, image, refusal.why());
    }
    return new Outcome.Refused(refusal.why());
  }

  private Outcome attempt(
      Store store,
      WakeDescription wake,
      ImageReader.Plan plan,
      KeyValues details,
      Original original,
      Optional<ImageKey> key)
      throws IOException, InterruptedException {
    Place place =
        new Place(wake.jumpBackEntry(), SaverRecord.of(details).mailbox(), original.region());
    checkOwnMemory(original);
    LoadedJumpBack way = LoadedJumpBack.load(place);
    restore(original, plan);
    // This saver stays in the memory of the kernel that it wakes.
    key.ifPresent(ImageKey::wipe);
    long sequence = details.number(SEQUENCE);
    answer(place, sequence, way);
    Image.markConsumed(store, image);
    journal.stage("wake");
    way.jump();
    return new Outcome.Woken(place, sequence);
  }

  /** A saver that has memory outside of the region would overwrite itself. */
  private static void checkOwnMemory(Original original) throws IOException {
    Optional<PageRange> outside = SaverWords.memoryOutside(original.region());
    if (outside.isPresent()) {
      throw new IOException(
          String.format(
              "this saver was started with memory at %s, outside of the image's saver region %s",
              outside.get(), original.region()));
    }
    checkCrashReservation();
  }

  /**
   * What prints a panic writes to the end of the crash reservation, whether there is one or not. If
   * there is none, a boot loader has put this kernel, or its initramfs, there.
   */
  private static void checkCrashReservation() throws IOException {
    Optional<PageRange> told = SaverWords.crashReservation(CommandLine.running());
    if (told.isPresent() && !Kexec.hasCrashReservation()) {
      throw new IOException(
          String.format(
              "the boot loader has put the saver's kernel or initramfs at %s, where the saver keeps"
                  + " what a panic needs",
              told.get()));
    }
  }

  private void restore(Original original, ImageReader.Plan plan)
      throws IOException, InterruptedException {
    journal.stage("restore");
    ImageProgress progress = new ImageProgress();
    try (StuckWatch _ = new StuckWatch(StuckWatch.PATIENCE, progress::storeBytes, this::stuck);
        OriginalFrames frames = OriginalFrames.open(original, PhysicalMemory.Access.WRITE)) {
      PipelineSize size = PipelineSize.of(Processor.read().online());
      plan.restore(frames.frames(), size, progress);
    }
    journal.fact("pages_restored", progress.pagesMoved());
    journal.fact("saver_free_bytes", MemoryInfo.read().free());
    journal.seconds("read_s", progress.time(Stage.READ));
    journal.seconds("decompress_s", progress.time(Stage.DECOMPRESS));
    journal.seconds("place_s", progress.time(Stage.PLACE));
  }

  /** The attempt is counted, and the image is as good as before. */
  private void stuck() {
    journal.say("the store has not moved for " + StuckWatch.PATIENCE.toMinutes() + " minutes");
    try {
      Power.restart();
    } catch (LinuxException e) {
      journal.say("the machine cannot be restarted: " + e.getMessage());
    }
  }

  /** The original kernel's memory is there again, with the mailbox in it. */
  private static void answer(Place place, long sequence, LoadedJumpBack way) throws IOException {
    Mailbox.at(place.mailbox(), new MappedFrames())
        .answer(
            new MailboxAnswer(
                sequence,
                MailboxStatus.AWAKE,
                0,
                SaverAnswer.withWarm(KeyValues.empty(), way.canBeEnteredAgain())));
  }

  private static String reason(Exception e) {
    Report report =
        e instanceof ReportException told
            ? told.report()
            : new Report(String.valueOf(e.getMessage()), "", "");
    return report.happened();
  }
}
