package org.dormouse.sleep;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.dormouse.codec.Aead;
import org.dormouse.image.CodecChoice;
import org.dormouse.image.Image;
import org.dormouse.image.ImageDescription;
import org.dormouse.image.ImageFormatException;
import org.dormouse.image.ImageHeader;
import org.dormouse.image.ImageState;
import org.dormouse.image.ImageWriter;
import org.dormouse.image.SaverFiles;
import org.dormouse.image.WakeDescription;
import org.dormouse.kexec.SaverLayout;
import org.dormouse.linux.LinuxException;
import org.dormouse.linux.MemoryInfo;
import org.dormouse.linux.Power;
import org.dormouse.linux.SuspendToRam;
import org.dormouse.loader.BootLoader;
import org.dormouse.loader.DirectWake;
import org.dormouse.machine.MachineFacts;
import org.dormouse.mailbox.MailboxAnswer;
import org.dormouse.protocol.Journal;
import org.dormouse.protocol.SaverFailure;
import org.dormouse.protocol.SaverSoftware;
import org.dormouse.protocol.SaverTask;
import org.dormouse.protocol.Stay;
import org.dormouse.protocol.Then;
import org.dormouse.protocol.WakeConditions;
import org.dormouse.seal.ImageKey;
import org.dormouse.seal.MachineKey;
import org.dormouse.store.Store;
import org.dormouse.stores.NamedStore;
import org.dormouse.stores.NextBoot;
import org.dormouse.text.KeyValues;
import org.dormouse.text.Quantity;
import org.dormouse.text.ReportException;

/**
 * In the original kernel: has a saver write the machine's memory into a store and switch it off.
 * When it returns, the machine has slept and is awake again.
 */
public final class Hibernate {
  private static final String UNTOUCHED = "Nothing was changed; the machine goes on.";

  private final Journal journal;

  /** Tells {@code journal} how it goes. */
  public Hibernate(Journal journal) {
    this.journal = journal;
  }

  /**
   * What is to be done.
   *
   * @param store where the image goes, as the user names it ({@link NamedStore})
   * @param software what the saver is started from
   * @param imageBytes what the image should take at most: page cache is dropped until it is sure to
   *     fit, not more; {@link Long#MAX_VALUE} for all
   * @param key what the image is sealed with, if it is to be; not closed before the sleep
   * @param codec what it is compressed with; empty for LZ4 where the store is the slower one
   * @param then what becomes of the machine when the image is complete
   * @param stay how its stay in the saver kernel is to go
   * @param direct the boot loader that is to start the saver at the next boot; empty for an
   *     ordinary boot
   */
  public record Request(
      String store,
      SaverSoftware software,
      long imageBytes,
      Optional<MachineKey> key,
      Optional<CodecChoice> codec,
      Then then,
      Stay stay,
      Optional<BootLoader> direct) {}

  /** What has become of the machine, which goes on. */
  public enum Outcome {
    /** It was off, and the image was woken. */
    WOKEN,
    /** It was suspended to RAM and woken up; there is no image. */
    RESUMED,
    /** It was saved, and nothing else; there is no image. */
    CAME_BACK
  }

  /** The plan in lines for people. Changes nothing. */
  public List<String> dryRun(Request request) throws IOException {
    checkName(request.store());
    checkThen(request.then());
    SaverState state = SaverState.observe();
    MachineFacts machine = Preflight.check(state);
    List<String> lines = new ArrayList<>();
    try (SaverPlanner planner = new SaverPlanner(machine, request.software());
        Store store = openStore(request, planner)) {
      planner.checkCodec(request.codec());
      checkContents(store);
      MemoryInfo memory = MemoryInfo.read();
      SleepNeeds needs = needs(planner, store, request, state);
      lines.add(
          String.format(
              "store %s, %s; the image takes %s at most",
              request.store(),
              Quantity.bytes(store.size()),
              Quantity.bytes(needs.mostBytes(memory))));
      lines.add(
          String.format(
              "%s of free memory needed, %s are free, %s available",
              Quantity.bytes(needs.freeBytes()),
              Quantity.bytes(memory.free()),
              Quantity.bytes(memory.available())));
      lines.add("then: " + request.then().word());
      lines.add(state.describe());
      if (!state.isWarm(request.software())) {
        lines.addAll(planner.plan(planner.place(), 0).describe());
      }
    }
    return lines;
  }

  /**
   * Sleeps. Returns when the machine is awake again. A warm saver that cannot do it is replaced by
   * a cold one, once.
   *
   * @throws ReportException if the machine did not sleep; it goes on then, and nothing is loaded
   *     unless there was a warm saver before
   */
  public Outcome run(Request request) throws IOException {
    try (JumpLock _ = JumpLock.take()) {
      return sleep(request);
    }
  }

  private Outcome sleep(Request request) throws IOException {
    journal.stage("check");
    checkName(request.store());
    checkThen(request.then());
    // What has to be written is written beside the rest; the jump then finds little left.
    Thread.ofPlatform().daemon(true).name("sync").start(Hibernate::sync);
    SaverState state = SaverState.observe();
    MachineFacts machine = Preflight.check(state);
    try (SaverPlanner planner = new SaverPlanner(machine, request.software())) {
      planner.checkCodec(request.codec());
      return new SaverUse(journal, planner).run(state, new Sleep(planner, request));
    }
  }

  /** The sleep with one saver. */
  private final class Sleep implements SaverUse.Work<Outcome> {
    private final SaverPlanner planner;
    private final Request request;

    Sleep(SaverPlanner planner, Request request) {
      this.planner = planner;
      this.request = request;
    }

    @Override
    public void makeRoom(SaverState state) throws IOException {
      Hibernate.this.makeRoom(planner, request, state);
    }

    @Override
    public Outcome with(ReadySaver saver) throws IOException {
      return sleep(saver, planner, request);
    }
  }

  private static void sync() {
    try {
      Power.sync();
    } catch (LinuxException e) {
      // The jump does it again, and says so.
    }
  }

  private void makeRoom(SaverPlanner planner, Request request, SaverState state)
      throws IOException {
    try (Store store = openStore(request, planner)) {
      checkContents(store);
      SleepNeeds needs = needs(planner, store, request, state);
      new Reclaim(journal).makeRoom(needs, request.store());
    }
  }

  private Outcome sleep(ReadySaver saver, SaverPlanner planner, Request request)
      throws IOException {
    UUID image = UUID.randomUUID();
    try (ImageKey key = request.key().isPresent() ? ImageKey.random() : ImageKey.blank()) {
      journal.stage("claim");
      NamedStore store = NamedStore.find(request.store());
      claim(image, saver, planner, store, sealing(request, image, key));
      tellBootLoader(request, saver, planner, image, store.offset());
      journal.stage("observe");
      KeyValues conditions = WakeConditions.ofOriginal(planner.machine());
      journal.stage("jump");
      SaverTask.Sealed sealed =
          request.key().isPresent() ? SaverTask.Sealed.YES : SaverTask.Sealed.NO;
      MailboxAnswer answer =
          saver.ask(
              new SaverTask.Save(
                  image, request.store(), store.offset(), sealed, request.codec(), request.then()),
              request.stay(),
              conditions,
              key);
      journal.stage("awake");
      Outcome outcome = outcome(answer, request.then());
      checkNoImage(request.store(), image);
      return outcome;
    } catch (IOException e) {
      giveUp(request.store(), image, e);
      throw e;
    } finally {
      clearBootLoader(request);
    }
  }

  /** Without it the next boot is an ordinary one, which wakes as well: no reason not to sleep. */
  private void tellBootLoader(
      Request request, ReadySaver saver, SaverPlanner planner, UUID image, OptionalLong offset) {
    if (request.direct().isEmpty()) {
      return;
    }
    SaverSoftware software = planner.software();
    try {
      if (!planner.isDirect(saver.region())) {
        throw new IOException("the saver lies where only kexec can put it");
      }
      DirectWake.by(request.direct().get())
          .prepare(
              new DirectWake.Saver(
                  software.kernel(),
                  software.kernelDigest(),
                  software.initramfs(),
                  software.initramfsDigest(),
                  planner.restoreCommandLine(
                      saver.region(), saver.record().crashReservation(), image, offset)));
      journal.say("the boot loader will start the saver: " + request.direct().get().describe());
    } catch (IOException e) {
      journal.say("the next boot will be an ordinary one: " + e.getMessage());
      clearBootLoader(request);
    }
  }

  private void clearBootLoader(Request request) {
    try {
      if (request.direct().isPresent()) {
        DirectWake.by(request.direct().get()).clear();
      }
    } catch (IOException e) {
      journal.say(
          "the boot entry could not be taken away ("
              + e.getMessage()
              + "): the next boot may start the saver in vain, once");
    }
  }

  /** The image's key in an envelope, and the faster cipher of this machine. */
  private static Optional<Image.Sealing> sealing(Request request, UUID image, ImageKey key)
      throws IOException {
    return request.key().isPresent()
        ? Optional.of(new Image.Sealing(Aead.faster(), request.key().get().seal(image, key)))
        : Optional.empty();
  }

  /** What a sleep with a saver in this state asks for. */
  private static SleepNeeds needs(
      SaverPlanner planner, Store store, Request request, SaverState state) {
    SleepNeeds jump =
        state instanceof SaverState.Warm warm && warm.isWarm(request.software())
            ? Preflight.needsOfWarmJump(planner, warm)
            : Preflight.needsOfJump(planner);
    // What the seal takes is not there for the rest.
    long sealing =
        request.key().isPresent()
            ? ImageWriter.sealBytes(planner.machine().ioMemory().map().ramPages())
            : 0;
    return jump.withStore(planner.savedFiles(), store.size() - sealing, request.imageBytes());
  }

  /** Refuses what no saver kernel could find, or nobody could write to. */
  static void checkName(String store) throws ReportException {
    boolean tooLong =
        store.getBytes(StandardCharsets.UTF_8).length > ImageDescription.STORE_NAME_BYTES;
    if (tooLong || store.isEmpty() || store.chars().anyMatch(Character::isISOControl)) {
      throw new ReportException(
          "'" + store.replaceAll("\\p{Cntrl}", "?") + "' cannot be the name of a store",
          UNTOUCHED,
          "Name a device or file, in at most " + ImageDescription.STORE_NAME_BYTES + " bytes.");
    }
  }

  /** Opens what the user named, having looked whether this image may go there. */
  private static Store openStore(Request request, SaverPlanner planner) throws IOException {
    NamedStore store = NamedStore.find(request.store());
    store.checkFor(request.key().isPresent(), planner.savedFiles().dataOffset());
    if (request.then() != Then.RETURN) {
      NextBoot.check(store);
    }
    return store.openForWriting();
  }

  private static Store openStore(String name) throws IOException {
    return NamedStore.find(name).openForWriting();
  }

  /** Refuses to overwrite what somebody may miss, an image too. */
  private static void checkContents(Store store) throws IOException {
    NamedStore.checkContents(store);
    Optional<ImageHeader> present = header(store);
    if (present.filter(Hibernate::waitsToBeWoken).isPresent()) {
      throw new ReportException(
          store.name()
              + " holds an image that waits to be woken, begun at "
              + present.get().description().map(d -> d.created().toString()).orElse("?"),
          UNTOUCHED,
          "Another system may sleep there. If it is not wanted any more: dormouse image discard "
              + store.name());
    }
  }

  private static boolean waitsToBeWoken(ImageHeader header) {
    return header.state() == ImageState.COMPLETE || header.state() == ImageState.REFUSED;
  }

  private static Optional<ImageHeader> header(Store store) throws IOException {
    try {
      return Optional.of(Image.header(store));
    } catch (ImageFormatException e) {
      // An empty store, or the remains of an image that nobody can wake.
      return Optional.empty();
    }
  }

  /** Says on the store that this image is about to be written, and by what it is woken. */
  private static void claim(
      UUID image,
      ReadySaver saver,
      SaverPlanner planner,
      NamedStore named,
      Optional<Image.Sealing> sealing)
      throws IOException {
    MachineFacts machine = planner.machine();
    SaverSoftware software = planner.software();
    try (Store store = named.openForWriting()) {
      SaverFiles files =
          SaverFiles.install(
              store,
              new SaverFiles.Contents(planner.kernelFile(), software.kernelDigest()),
              new SaverFiles.Contents(planner.initramfsFile(), software.initramfsDigest()),
              header(store));
      Image.claim(
          store,
          image,
          new ImageDescription(
              Instant.now(),
              machine.kernel().identity().release(),
              machine.kernel().identity().buildId(),
              machine.ioMemory().map().ramPages(),
              named.name(),
              Optional.of(
                  new WakeDescription(
                      saver.region(),
                      SaverLayout.LOW_MEMORY,
                      saver.original().paging().levels(),
                      0,
                      files,
                      planner.restoreCommandLine(
                          saver.region(),
                          saver.record().crashReservation(),
                          image,
                          named.offset())))),
          sealing);
    }
  }

  /** Takes back that an image is about to be written; {@code cause} is what is to be reported. */
  private void giveUp(String name, UUID image, IOException cause) {
    try (Store store = openStore(name)) {
      Optional<ImageHeader> present = header(store);
      if (present.filter(header -> header.image().equals(image)).isPresent()) {
        Image.discard(store, "the sleep was called off");
      }
    } catch (IOException e) {
      // The machine goes on: an image of it from before would be its ruin.
      journal.say(
          name
              + " could not be told that there is no image ("
              + e.getMessage()
              + "). If there is one, it must never be woken: boot with noresume until 'dormouse image"
              + " discard "
              + name
              + "' has worked");
      cause.addSuppressed(e);
    }
  }

  private static Outcome outcome(MailboxAnswer answer, Then then) throws SaverFailure {
    if (ReadySaver.slept(answer)) {
      return Outcome.WOKEN;
    }
    return switch (then) {
      case SUSPEND -> Outcome.RESUMED;
      case RETURN -> Outcome.CAME_BACK;
      case POWEROFF, REBOOT -> throw SaverFailure.silent();
    };
  }

  /** An image that is left on the store would take the machine back to before this moment. */
  private static void checkNoImage(String name, UUID image) throws IOException {
    try (Store store = openStore(name)) {
      Optional<ImageHeader> left = header(store);
      if (left.filter(h -> h.image().equals(image) && waitsToBeWoken(h)).isPresent()) {
        Image.discard(store, "it was woken");
      }
    }
  }

  /** Refuses what this machine cannot do. */
  private static void checkThen(Then then) throws IOException {
    if (then == Then.SUSPEND && !SuspendToRam.read().isPossible()) {
      throw new ReportException(
          "this machine cannot be suspended to RAM: its kernel offers no 'deep' for that",
          UNTOUCHED,
          "Leave --then suspend out, or look for a setting of the firmware (ACPI S3).");
    }
  }
}
