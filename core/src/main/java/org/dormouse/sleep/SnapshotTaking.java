package org.dormouse.sleep;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.dormouse.codec.Aead;
import org.dormouse.image.CodecChoice;
import org.dormouse.image.Image;
import org.dormouse.image.ImageDescription;
import org.dormouse.image.ImageHeader;
import org.dormouse.image.ImageState;
import org.dormouse.linux.Kexec;
import org.dormouse.linux.LinuxException;
import org.dormouse.linux.MemoryInfo;
import org.dormouse.machine.MachineFacts;
import org.dormouse.mailbox.MailboxAnswer;
import org.dormouse.mailbox.MailboxStatus;
import org.dormouse.memory.Pages;
import org.dormouse.protocol.Journal;
import org.dormouse.protocol.SaverFailure;
import org.dormouse.protocol.SaverTask;
import org.dormouse.protocol.SaverTask.Snapshot.Where;
import org.dormouse.seal.ImageKey;
import org.dormouse.store.BlockStore;
import org.dormouse.store.PagesStore;
import org.dormouse.store.Store;
import org.dormouse.text.KeyValues;
import org.dormouse.text.Quantity;
import org.dormouse.text.ReportException;

/** Taking a snapshot with one saver: onto a device, or into memory that is lent to it. */
final class SnapshotTaking implements SaverUse.Work<SnapshotTaking.Taken> {
  private static final String GOES_ON = "There is no snapshot; the machine goes on.";

  /** The saver tells the memory that it writes into by this name. */
  private static final String LENT = "memory lent by the original kernel";

  private final Journal journal;
  private final SaverPlanner planner;
  private final Snapshot.Request request;
  private final Optional<Path> device;
  private final SnapshotNeeds needs;
  private final StandstillWatch watch;

  /**
   * @param device where the image goes; empty for memory
   * @param needs what it needs there
   * @param watch is stopped at the jump
   */
  SnapshotTaking(
      Journal journal,
      SaverPlanner planner,
      Snapshot.Request request,
      Optional<Path> device,
      SnapshotNeeds needs,
      StandstillWatch watch) {
    this.journal = journal;
    this.planner = planner;
    this.request = request;
    this.device = device;
    this.needs = needs;
    this.watch = watch;
  }

  /**
   * An image that was taken.
   *
   * @param loan what it lies in, if not on a device
   */
  record Taken(Store store, ImageHeader header, Optional<Loan> loan) implements AutoCloseable {
    @Override
    public void close() throws IOException {
      store.close();
      if (loan.isPresent()) {
        loan.get().close();
      }
    }
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
    return device.isPresent() ? onDevice(saver, device.get()) : inMemory(saver);
  }

  private Taken onDevice(ReadySaver saver, Path path) throws IOException {
    UUID image = UUID.randomUUID();
    try (ImageKey key = key()) {
      try (BlockStore store = BlockStore.forWriting(path)) {
        claim(store, image, key);
      }
      ask(saver, image, new Where.OnDevice(), path.toString(), request.codec(), key);
      return open(path, image);
    } catch (IOException e) {
      giveUp(path, image, e);
      throw e;
    }
  }

  private Taken open(Path path, UUID image) throws IOException {
    BlockStore store = BlockStore.forWriting(path);
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
    long most = needs.afterLoading().mostPages(MemoryInfo.read());
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
                Quantity.bytes(Pages.address(most)), Quantity.bytes(Pages.address(loan.pages()))));
    return Optional.of(new CodecChoice.Lz4());
  }

  /** The key of an image that stays as it is; a dump for other tools is not sealed. */
  private boolean isSealed() {
    return request.key().isPresent() && request.format() instanceof Snapshot.Format.Image;
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
  private static void giveUp(Path path, UUID image, IOException cause) {
    try (BlockStore store = BlockStore.forWriting(path)) {
      if (Image.names(store, image)) {
        Image.discard(store, "the snapshot was called off");
      }
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }
}
