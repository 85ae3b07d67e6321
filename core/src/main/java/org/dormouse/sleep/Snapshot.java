package org.dormouse.sleep;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.dormouse.codec.Aead;
import org.dormouse.convert.ExportImage;
import org.dormouse.convert.ImageCore;
import org.dormouse.image.CodecChoice;
import org.dormouse.image.Image;
import org.dormouse.image.ImageBody;
import org.dormouse.image.ImageDescription;
import org.dormouse.image.ImageHeader;
import org.dormouse.image.ImageReader;
import org.dormouse.image.ImageState;
import org.dormouse.image.Vacancy;
import org.dormouse.linux.Kexec;
import org.dormouse.linux.LinuxException;
import org.dormouse.linux.MemoryInfo;
import org.dormouse.machine.MachineFacts;
import org.dormouse.mailbox.MailboxAnswer;
import org.dormouse.mailbox.MailboxStatus;
import org.dormouse.memory.Pages;
import org.dormouse.protocol.Journal;
import org.dormouse.protocol.Original;
import org.dormouse.protocol.SaverFailure;
import org.dormouse.protocol.SaverSoftware;
import org.dormouse.protocol.SaverTask;
import org.dormouse.protocol.SaverTask.Snapshot.Where;
import org.dormouse.protocol.Stay;
import org.dormouse.seal.ImageKey;
import org.dormouse.seal.MachineKey;
import org.dormouse.store.BlockStore;
import org.dormouse.store.PagesStore;
import org.dormouse.store.Store;
import org.dormouse.text.KeyValues;
import org.dormouse.text.Quantity;
import org.dormouse.text.Report;
import org.dormouse.text.ReportException;
import org.dormouse.vmcore.Exclusions;

/**
 * In the original kernel: has a saver write the machine's memory as it is at one moment, and goes
 * on.
 *
 * <p>The saver writes onto a device of its own, or into memory that this process lends it: then the
 * machine goes on sooner, and the image is written to its end, wherever this kernel can write,
 * beside everything else.
 */
public final class Snapshot {
  private static final String GOES_ON = "There is no snapshot; the machine goes on.";

  /** The saver tells the memory that it writes into by this name. */
  private static final String LENT = "memory lent by the original kernel";

  private final Journal journal;

  /** Tells {@code journal} how it goes. */
  public Snapshot(Journal journal) {
    this.journal = journal;
  }

  /** What the snapshot is written as. */
  public sealed interface Format {
    /** As the saver writes it: an image that is only to be read. */
    record Image() implements Format {}

    /** A dump for the tools of others. */
    record Dump(ExportImage.Format format) implements Format {}
  }

  /** What becomes of the saver. */
  public enum Afterwards {
    /** It stays warm if there was a warm one. */
    AS_BEFORE,
    /** It stays warm, for the next one. */
    WARM
  }

  /**
   * What is to be done.
   *
   * @param out where it goes: a device, a file that is still to be made, a pipe
   * @param format as what
   * @param excluded what is left out besides free memory
   * @param codec what the saver compresses with; empty if it decides from chunk to chunk
   * @param through a device on which the image may lie until it is written to where it goes
   * @param dumps what becomes of a dump that is on a device
   * @param software what the saver is started from
   * @param key what an image is sealed with, if it is to be; not closed before this is done
   * @param stay how the stay in the saver kernel is to go
   * @param afterwards what becomes of the saver
   */
  public record Request(
      Path out,
      Format format,
      Exclusions excluded,
      Optional<CodecChoice> codec,
      Optional<Path> through,
      Vacancy.Dumps dumps,
      SaverSoftware software,
      Optional<MachineKey> key,
      Stay stay,
      Afterwards afterwards) {}

  /**
   * What came of it.
   *
   * @param image which one
   * @param standstill how long the machine stood still
   * @param body the numbers of the image
   * @param remarks what is missing or was not left out, for people
   * @param writing how long it took afterwards to write the image to where it goes
   */
  public record Result(
      UUID image, Standstill standstill, ImageBody body, List<String> remarks, Duration writing) {}

  /** Is told how the writing goes that follows the snapshot. */
  public interface Progress {
    /** So many bytes are to be written. */
    void begin(long bytes);

    /** So many more are, by any thread. */
    void written(long bytes);
  }

  /** What was looked at before anything was changed. */
  private record Preparation(SnapshotTarget target, Optional<Path> device, SnapshotNeeds needs) {}

  /** The plan in lines for people. Changes nothing. */
  public List<String> dryRun(Request request) throws IOException {
    SaverState state = SaverState.observe();
    MachineFacts machine = Preflight.check(state);
    List<String> lines = new ArrayList<>();
    try (SaverPlanner planner = new SaverPlanner(machine, request.software())) {
      Preparation prepared = prepare(request, planner, state);
      lines.add(describe(prepared, MemoryInfo.read()));
      lines.add(state.describe());
      if (!state.isWarm(request.software())) {
        lines.addAll(planner.plan(planner.place(), 0).describe());
      }
    }
    return lines;
  }

  private static String describe(Preparation prepared, MemoryInfo memory) {
    String most = Quantity.bytes(Pages.address(prepared.needs().mostPages(memory)));
    if (prepared.device().isPresent()) {
      return "the saver writes the image onto " + prepared.device().get() + ": at most " + most;
    }
    return switch (prepared.needs().plan(memory)) {
      case SnapshotNeeds.Plan.Whole _ ->
          "the saver writes the image into memory, at most " + most + "; it is written out later";
      case SnapshotNeeds.Plan.Compressed(long pages, long _) ->
          "the saver compresses the image into memory: it may take "
              + most
              + ", and "
              + Quantity.bytes(Pages.address(pages))
              + " are to be had; it is written out later";
      case SnapshotNeeds.Plan.TooLittle(Report report) -> report.line();
    };
  }

  /**
   * Takes a snapshot.
   *
   * @param progress is told how the writing goes that follows
   * @throws ReportException if there is none. The machine goes on, and nothing is loaded unless
   *     there was a warm saver before
   */
  public Result run(Request request, Progress progress) throws IOException, InterruptedException {
    try (JumpLock _ = JumpLock.take()) {
      return take(request, progress);
    }
  }

  private Result take(Request request, Progress progress) throws IOException, InterruptedException {
    journal.stage("check");
    SaverState state = SaverState.observe();
    MachineFacts machine = Preflight.check(state);
    try (SaverPlanner planner = new SaverPlanner(machine, request.software());
        StandstillWatch watch = StandstillWatch.begin()) {
      Preparation prepared = prepare(request, planner, state);
      SaverUse use = new SaverUse(journal, planner);
      try (Taken taken = use.run(state, new Taking(planner, request, prepared, watch))) {
        if (request.afterwards() == Afterwards.AS_BEFORE && !(state instanceof SaverState.Warm)) {
          giveBack(use);
        }
        return finish(request, prepared, taken, watch.measured(), progress);
      }
    }
  }

  private void giveBack(SaverUse use) {
    try {
      use.giveBack();
    } catch (IOException e) {
      // The snapshot is there, and worth more.
      journal.say("the saver stays loaded: " + e.getMessage());
    }
  }

  /** Looks at all that the snapshot needs. Changes nothing. */
  private static Preparation prepare(Request request, SaverPlanner planner, SaverState state)
      throws IOException {
    planner.checkCodec(request.codec());
    SnapshotTarget target = SnapshotTarget.of(request.out(), request.format());
    Optional<Path> device =
        target instanceof SnapshotTarget.Device(Path path) ? Optional.of(path) : request.through();
    SnapshotNeeds needs = needs(request, planner, state);
    MemoryInfo memory = MemoryInfo.read();
    if (device.isPresent()) {
      try (BlockStore store = BlockStore.forWriting(device.get())) {
        Vacancy.check(store, request.dumps());
        throwIf(needs.shortage(memory, store.name(), store.size()));
      }
    } else if (needs.plan(memory) instanceof SnapshotNeeds.Plan.TooLittle(Report report)) {
      throw new ReportException(report);
    }
    return new Preparation(target, device, needs);
  }

  private static void throwIf(Optional<Report> report) throws ReportException {
    if (report.isPresent()) {
      throw new ReportException(report.get());
    }
  }

  private static SnapshotNeeds needs(Request request, SaverPlanner planner, SaverState state) {
    SleepNeeds jump =
        state instanceof SaverState.Warm warm && warm.isWarm(request.software())
            ? Preflight.needsOfWarmJump(planner, warm)
            : Preflight.needsOfJump(planner);
    return new SnapshotNeeds(
        jump.ramPages(),
        jump.freeBytes(),
        jump.heldPages(),
        request.excluded(),
        ImageDescription.DUMP_DATA_OFFSET);
  }

  /**
   * An image that was taken.
   *
   * @param loan what it lies in, if not on a device
   */
  private record Taken(Store store, ImageHeader header, Optional<Loan> loan)
      implements AutoCloseable {
    @Override
    public void close() throws IOException {
      store.close();
      if (loan.isPresent()) {
        loan.get().close();
      }
    }
  }

  /** Taking it with one saver. */
  private final class Taking implements SaverUse.Work<Taken> {
    private final SaverPlanner planner;
    private final Request request;
    private final Preparation prepared;
    private final StandstillWatch watch;

    Taking(SaverPlanner planner, Request request, Preparation prepared, StandstillWatch watch) {
      this.planner = planner;
      this.request = request;
      this.prepared = prepared;
      this.watch = watch;
    }

    @Override
    public void makeRoom(SaverState state) throws IOException {
      SleepNeeds jump =
          state instanceof SaverState.Warm warm
              ? Preflight.needsOfWarmJump(planner, warm)
              : Preflight.needsOfJump(planner);
      new Reclaim(journal).makeRoom(jump, "the store");
    }

    @Override
    public Taken with(ReadySaver saver) throws IOException {
      return prepared.device().isPresent()
          ? onDevice(saver, prepared.device().get())
          : inMemory(saver);
    }

    private Taken onDevice(ReadySaver saver, Path device) throws IOException {
      UUID image = UUID.randomUUID();
      try (ImageKey key = key()) {
        try (BlockStore store = BlockStore.forWriting(device)) {
          claim(store, image, key);
        }
        ask(saver, image, new Where.OnDevice(), device.toString(), request.codec(), key);
        return open(device, image);
      } catch (IOException e) {
        giveUp(device, image, e);
        throw e;
      }
    }

    private Taken open(Path device, UUID image) throws IOException {
      BlockStore store = BlockStore.forWriting(device);
      boolean opened = false;
      try {
        store.forgetCached();
        Taken taken = new Taken(store, taken(store, image), Optional.empty());
        opened = true;
        return taken;
      } finally {
        if (!opened) {
          store.close();
        }
      }
    }

    private Taken inMemory(ReadySaver saver) throws IOException {
      UUID image = UUID.randomUUID();
      SnapshotNeeds needs = prepared.needs().afterLoading();
      long most = needs.mostPages(MemoryInfo.read());
      journal.stage("lend");
      Loan loan =
          Loan.take(
              image,
              SnapshotNeeds.leastPages(most),
              most,
              saver.original().visible(),
              SnapshotNeeds.reserveBytes(MemoryInfo.read()));
      boolean taken = false;
      try (ImageKey key = key()) {
        journal.fact("lent_bytes", Pages.address(loan.pages()));
        journal.fact("lent_pieces", loan.pieces());
        Store store = new PagesStore(LENT, loan);
        claim(store, image, key);
        loan.checkNotMoved();
        ask(
            saver,
            image,
            new Where.InMemory(loan.list(), loan.pages()),
            LENT,
            codec(loan, most),
            key);
        loan.checkNotMoved();
        Taken result = new Taken(store, taken(store, image), Optional.of(loan));
        taken = true;
        return result;
      } finally {
        if (!taken) {
          loan.close();
        }
      }
    }

    /** What the image is compressed with: where it may not fit otherwise, it is. */
    private Optional<CodecChoice> codec(Loan loan, long most) {
      if (loan.pages() >= most || request.codec().isPresent()) {
        return request.codec();
      }
      journal.say(
          "the image may take %s, and %s are to be had: it is compressed, and may not fit"
              .formatted(
                  Quantity.bytes(Pages.address(most)),
                  Quantity.bytes(Pages.address(loan.pages()))));
      return Optional.of(new CodecChoice.Lz4());
    }

    /** The key of an image that stays as it is; a dump for other tools is not sealed. */
    private boolean isSealed() {
      return request.key().isPresent() && request.format() instanceof Format.Image;
    }

    private ImageKey key() throws LinuxException {
      return isSealed() ? ImageKey.random() : ImageKey.blank();
    }

    private void claim(Store store, UUID image, ImageKey key) throws IOException {
      journal.stage("claim");
      MachineFacts machine = planner.machine();
      Optional<Image.Sealing> sealing =
          isSealed()
              ? Optional.of(new Image.Sealing(Aead.faster(), request.key().get().seal(image, key)))
              : Optional.empty();
      Image.claim(
          store,
          image,
          new ImageDescription(
              Instant.now(),
              machine.kernel().identity().release(),
              machine.kernel().identity().buildId(),
              machine.ioMemory().map().ramPages(),
              ImageDescription.storeName(request.out().toString()),
              Optional.empty()),
          sealing);
    }

    private void ask(
        ReadySaver saver,
        UUID image,
        Where where,
        String store,
        Optional<CodecChoice> codec,
        ImageKey key)
        throws IOException {
      journal.stage("jump");
      SaverTask.Sealed sealed = isSealed() ? SaverTask.Sealed.YES : SaverTask.Sealed.NO;
      MailboxAnswer answer =
          saver.ask(
              new SaverTask.Snapshot(image, where, store, sealed, codec, request.excluded()),
              request.stay(),
              KeyValues.empty(),
              key,
              this::jump);
      journal.stage("awake");
      if (answer.status() != MailboxStatus.DONE) {
        throw SaverFailure.silent();
      }
    }

    private void jump() throws LinuxException {
      watch.stop();
      try {
        Kexec.execute();
      } finally {
        watch.goOn();
      }
    }

    /** The header of the image that a saver says it has written. */
    private static ImageHeader taken(Store store, UUID image) throws IOException {
      ImageHeader header = Image.header(store);
      if (header.state() != ImageState.DUMP || !header.image().equals(image)) {
        throw new ReportException(
            "the saver says that it has written an image, and " + store.name() + " has another",
            GOES_ON,
            "Please report this.");
      }
      return header;
    }

    /** Takes back that an image is about to be written; {@code cause} is to be reported. */
    private static void giveUp(Path device, UUID image, IOException cause) {
      try (BlockStore store = BlockStore.forWriting(device)) {
        if (Image.names(store, image)) {
          Image.discard(store, "the snapshot was called off");
        }
      } catch (IOException e) {
        cause.addSuppressed(e);
      }
    }
  }

  /** Brings the image to where it goes. */
  private Result finish(
      Request request, Preparation prepared, Taken taken, Standstill standstill, Progress progress)
      throws IOException, InterruptedException {
    journal.seconds("standstill_s", standstill.time());
    ImageHeader header = taken.header();
    ImageBody body = header.body().orElseThrow();
    List<String> remarks = remarks(taken);
    long start = System.nanoTime();
    if (!(prepared.target() instanceof SnapshotTarget.Device)) {
      journal.stage("write-out");
      long bytes = body.blocksEnd(ImageDescription.DUMP_DATA_OFFSET);
      progress.begin(
          request.format() instanceof Format.Image
              ? bytes
              : Pages.address(body.savedPages() + body.zeroPages()));
      SnapshotTarget.write(prepared.target(), taken.store(), bytes, progress::written);
      if (prepared.device().isPresent()) {
        Image.discard(taken.store(), "it was written to " + request.out());
      }
    }
    journal.stage("done");
    return new Result(
        header.image(), standstill, body, remarks, Duration.ofNanos(System.nanoTime() - start));
  }

  /** What is missing, and what was not left out; nothing is known of a sealed image. */
  private static List<String> remarks(Taken taken) throws IOException {
    if (taken.header().seal().isPresent()) {
      return List.of();
    }
    List<String> remarks = new ArrayList<>();
    KeyValues.parse(ImageReader.inspect(taken.store()).details())
        .find(Original.ALL_KEPT)
        .ifPresent(
            why -> remarks.add("pages cannot be told from one another, so all are kept: " + why));
    try (ImageCore core = ImageCore.open(taken.store())) {
      remarks.addAll(core.description().remarks());
    }
    return remarks;
  }
}
