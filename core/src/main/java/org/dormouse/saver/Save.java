package org.dormouse.saver;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.LongSupplier;
import org.dormouse.image.CodecChoice;
import org.dormouse.image.Image;
import org.dormouse.image.ImageHeader;
import org.dormouse.image.ImageProgress;
import org.dormouse.image.ImageProgress.Stage;
import org.dormouse.image.ImageWriter;
import org.dormouse.image.PipelineSize;
import org.dormouse.linux.MemoryInfo;
import org.dormouse.linux.PhysicalMemory;
import org.dormouse.linux.Processor;
import org.dormouse.mailbox.MailboxRequest;
import org.dormouse.memory.FreePagePolicy;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;
import org.dormouse.protocol.Journal;
import org.dormouse.protocol.Original;
import org.dormouse.protocol.Place;
import org.dormouse.protocol.SaverRecord;
import org.dormouse.protocol.SaverTask;
import org.dormouse.protocol.WakeConditions;
import org.dormouse.seal.ImageKey;
import org.dormouse.store.Store;
import org.dormouse.text.KeyValues;
import org.dormouse.text.Quantity;
import org.dormouse.text.Report;
import org.dormouse.text.ReportException;
import org.dormouse.vmcore.PageKinds;

/** In the saver kernel: writes the original kernel's memory into the store that waits for it. */
final class Save {
  /** How long a store may take to appear after its driver has started. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final Report BY_A_PERSON =
      new Report(
          "it was called off at the console", "There is no image.", "Begin again when you like.");

  private final Journal journal;
  private final Place place;

  Save(Journal journal, Place place) {
    this.journal = journal;
    this.place = place;
  }

  /**
   * Saves. When it returns, the image is complete and durable.
   *
   * @param key that of the image, if it is to be sealed
   * @param callOff from when the image is about to be committed it is too late
   * @throws ReportException if there is no such store
   * @throws IOException if memory cannot be read or the store cannot be written; there is no image
   *     then
   * @throws InterruptedException if it was called off; there is no image then
   */
  void run(SaverTask.Save task, MailboxRequest request, Optional<ImageKey> key, CallOff callOff)
      throws IOException, InterruptedException {
    journal.stage("find-store");
    Original original = Original.of(request.lines());
    Stores.Found found = findStore(task.image(), task.store(), task.offset());
    journal.stage("observe");
    KeyValues details =
        original
            .lines()
            .withAll(SaverRecord.of(request.lines()).lines())
            .withAll(WakeConditions.observe(request.lines()))
            .withAll(Original.jumpingTask(request.lines()))
            .with(Restore.SEQUENCE, request.sequence());
    try (Store store = found.openForWriting();
        OriginalFrames frames = OriginalFrames.open(original, PhysicalMemory.Access.READ)) {
      write(
          store,
          new Contents(original, frames, original.freePages(), (kinds, _) -> wanted(kinds)),
          key,
          task.codec(),
          details,
          callOff);
    }
  }

  /**
   * What comes into an image.
   *
   * @param original whose memory it is
   * @param frames reaches it
   * @param freePages what its free pages have to hold when it goes on
   * @param choice which pages
   */
  record Contents(
      Original original, OriginalFrames frames, FreePagePolicy freePages, Choice choice) {}

  /** Chooses the pages that come into an image. */
  @FunctionalInterface
  interface Choice {
    /**
     * Chooses.
     *
     * @param kinds whose sets may be changed
     * @param threads how many may look at them
     */
    Chosen of(PageKinds kinds, int threads) throws IOException;
  }

  /**
   * What was chosen.
   *
   * @param pages to look at: they are saved, or zero
   * @param leftOut how many others there are
   * @param lines what readers of the image have to know of the choice
   */
  record Chosen(PageSet pages, long leftOut, KeyValues lines) {}

  /**
   * Writes an image into a store that was claimed for it. When it returns, the image is complete
   * and durable.
   *
   * @param callOff from when the image is about to be committed it is too late
   * @throws InterruptedException if it was called off; there is no image then
   */
  ImageHeader write(
      Store store,
      Contents contents,
      Optional<ImageKey> key,
      Optional<CodecChoice> codec,
      KeyValues details,
      CallOff callOff)
      throws IOException, InterruptedException {
    try (Arena arena = Arena.ofShared()) {
      OriginalFrames frames = contents.frames();
      journal.stage("page-kinds");
      PipelineSize usual = PipelineSize.of(Processor.read().online());
      PipelineSize size = codec.map(choice -> choice.of(usual)).orElse(usual);
      PageKinds kinds =
          frames.kinds(place.jumpBackEntry(), contents.freePages(), arena, size.workers());
      report(kinds);
      Chosen chosen = contents.choice().of(kinds, size.workers());
      PageSet wanted = chosen.pages();
      journal.stage("save");
      ImageProgress progress = new ImageProgress();
      try (StuckWatch _ = new StuckWatch(StuckWatch.PATIENCE, moved(progress), this::stuck);
          ImageWriter writer = ImageWriter.begin(store, Image.header(store), key, size, progress)) {
        PageSet reachable = PageSet.of(arena, wanted.limit(), contents.original().visible());
        reachable.removeAll(kinds.untouchable());
        try (SaverScreen _ = screen(wanted.count(), progress, callOff)) {
          writer.save(frames.frames(), wanted, reachable);
        }
        callOff.tooLate();
        journal.stage("commit");
        ImageHeader header =
            writer.finish(
                place.jumpBackEntry(),
                chosen.leftOut(),
                details.withAll(chosen.lines()).toString());
        report(header, progress);
        return header;
      }
    }
  }

  /**
   * Free pages that have to be zero at the wake are looked at like those in use, and found zero.
   */
  private static Chosen wanted(PageKinds kinds) {
    if (kinds.freePages() == FreePagePolicy.ZERO) {
      kinds.inUse().addAll(kinds.free());
    }
    return new Chosen(kinds.inUse(), kinds.free().count(), KeyValues.empty());
  }

  private static LongSupplier moved(ImageProgress progress) {
    return () -> progress.pagesSeen() + progress.storeBytes();
  }

  private SaverScreen screen(long pages, ImageProgress progress, CallOff callOff) {
    SaverScreen.Work work =
        new SaverScreen.Work(
            "saving", Pages.address(pages), () -> Pages.address(progress.pagesSeen()));
    return SaverScreen.begin(work, Optional.of(() -> callOff.because(BY_A_PERSON)), journal);
  }

  private void stuck() {
    WayOut.byPanic(
        "the store has not moved for " + StuckWatch.PATIENCE.toMinutes() + " minutes", journal);
  }

  private void report(PageKinds kinds) {
    kinds
        .everythingKept()
        .ifPresent(why -> journal.say("free pages cannot be told, so all are saved: " + why));
    for (PageKinds.Reason reason : PageKinds.Reason.values()) {
      journal.fact("pages_" + reason.name().toLowerCase(Locale.ROOT), kinds.pages(reason));
    }
  }

  /**
   * What waits for {@code image}.
   *
   * @param store its name, for messages
   * @param offset where on its device it is; empty for a store that is the whole device
   */
  static Stores.Found findStore(UUID image, String store, OptionalLong offset)
      throws IOException, InterruptedException {
    return Stores.await(Stores.waitingFor(image), offset, PATIENCE)
        .orElseThrow(
            () ->
                new ReportException(
                    "no device of the saver kernel waits for image " + image,
                    "Nothing was written.",
                    "The saver kernel may lack the driver for " + store + "."));
  }

  private void report(ImageHeader header, ImageProgress progress) throws IOException {
    var body = header.body().orElseThrow();
    journal.fact("image_bytes", body.imageBytes());
    journal.fact("pages_saved", body.savedPages());
    journal.fact("pages_zero", body.zeroPages());
    journal.fact("pages_free", body.freePages());
    journal.fact("saver_free_bytes", MemoryInfo.read().free());
    journal.seconds("read_s", progress.time(Stage.SCAN));
    journal.seconds("compress_s", progress.time(Stage.COMPRESS));
    journal.seconds("write_s", progress.time(Stage.WRITE));
    journal.say(
        "saved "
            + Quantity.bytes(Pages.address(body.savedPages()))
            + " in "
            + Quantity.bytes(body.imageBytes()));
  }
}
