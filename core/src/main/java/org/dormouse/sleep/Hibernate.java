package org.dormouse.sleep;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.dormouse.image.Image;
import org.dormouse.image.ImageHeader;
import org.dormouse.image.ImageOrigin;
import org.dormouse.image.ImageState;
import org.dormouse.image.ImageWriter;
import org.dormouse.image.WayBack;
import org.dormouse.kexec.SaverLayout;
import org.dormouse.linux.KernelIdentity;
import org.dormouse.linux.MemoryInfo;
import org.dormouse.linux.Power;
import org.dormouse.memory.MemoryMap;
import org.dormouse.memory.Pages;
import org.dormouse.store.BlockStore;
import org.dormouse.store.Store;
import org.dormouse.store.StoreContents;

/**
 * In the original kernel: checks, plans, loads the saver kernel, and jumps into it. When it
 * returns, the machine has slept and is awake again.
 */
public final class Hibernate {
  private final Journal journal;

  /** Tells {@code journal} how it goes. */
  public Hibernate(Journal journal) {
    this.journal = journal;
  }

  /**
   * What is to be done.
   *
   * @param store the block device for the image, as the user names it
   * @param software what the saver is started from
   */
  public record Request(String store, SaverSoftware software) {}

  /**
   * The plan in lines for people. Changes nothing: it drops no page cache either, so that it may
   * plan what would first have to make room.
   */
  public List<String> dryRun(Request request) throws SleepException, IOException {
    checkName(request.store());
    MachineFacts machine = MachineFacts.observe();
    List<String> lines = new ArrayList<>();
    try (SaverJump jump = SaverJump.prepare(machine, request.software(), journal);
        BlockStore store = openStore(request.store())) {
      checkStore(store);
      lines.add(
          String.format(
              "store %s, %s; the image takes %s at most",
              request.store(), Quantity.bytes(store.size()), Quantity.bytes(mostBytes())));
      long needed = jump.regionBytes() + SaverJump.SLACK_BYTES;
      lines.add(
          String.format(
              "%s of free memory needed, %s are free, %s available",
              Quantity.bytes(needed),
              Quantity.bytes(machine.memory().free()),
              Quantity.bytes(machine.memory().available())));
      lines.add(
          "the resume kernel has room for an image of "
              + Quantity.bytes(Pages.address(jump.mostPages())));
      lines.addAll(
          jump.plan(new SaverTask.Save(request.store(), new UUID(0, 0), jump.mostPages()))
              .describe());
    }
    return lines;
  }

  /**
   * Sleeps. Returns when the machine is awake again.
   *
   * @throws SleepException if the machine did not sleep; it goes on then, with nothing loaded
   */
  public void run(Request request) throws SleepException, IOException {
    journal.stage("check");
    checkName(request.store());
    MachineFacts machine = MachineFacts.observe();
    UUID image = UUID.randomUUID();
    try (SaverJump jump = SaverJump.prepare(machine, request.software(), journal)) {
      try (BlockStore store = openStore(request.store())) {
        checkStore(store);
      }
      jump.makeRoom();
      jump.checkCanBeResumed();
      journal.stage("plan");
      SaverPlan plan = jump.plan(new SaverTask.Save(request.store(), image, jump.mostPages()));
      journal.fact("region_bytes", plan.region().bytes());
      journal.fact("region_free_pages", plan.freeInRegion());
      journal.fact("ram_bytes", Pages.address(machine.ioMemory().map().ramPages()));
      journal.stage("load");
      jump.load(plan);
      journal.stage("claim");
      claim(request.store(), image, machine, plan);
      journal.stage("jump");
      jump(jump, request.store());
      journal.stage("awake");
      checkSlept(request.store(), image);
    }
  }

  private static void jump(SaverJump jump, String store) throws SleepException, IOException {
    try {
      Power.sync();
      jump.jump();
    } catch (SleepException | IOException e) {
      discard(store, e);
      throw e;
    }
  }

  /** Takes back that an image is about to be written; {@code cause} is what is to be reported. */
  private static void discard(String name, Exception cause) {
    try (BlockStore store = openStore(name)) {
      Image.discard(store);
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  /** Refuses what no saver kernel could find: the name goes onto its command line. */
  static void checkName(String store) throws SleepException {
    boolean tooLong = store.getBytes(StandardCharsets.UTF_8).length > ImageOrigin.STORE_NAME_BYTES;
    if (tooLong || store.isEmpty() || store.chars().anyMatch(Character::isWhitespace)) {
      throw new SleepException(
          "'" + store + "' cannot be the name of a store",
          "Nothing was changed; the machine goes on.",
          "Name a block device without blanks, in at most "
              + ImageOrigin.STORE_NAME_BYTES
              + " bytes.");
    }
    if (Files.isRegularFile(Path.of(store))) {
      throw new SleepException(
          store + " is a file, and an image needs a block device of its own",
          "Nothing was changed; the machine goes on.",
          "Name a disk or partition that is not mounted.");
    }
  }

  private static BlockStore openStore(String name) throws IOException {
    return BlockStore.forWriting(Path.of(name));
  }

  private static void checkStore(Store store) throws SleepException, IOException {
    if (StoreContents.probe(store) instanceof StoreContents.Foreign(String what)) {
      throw new SleepException(
          store.name() + " holds " + what,
          "Nothing was changed; the machine goes on.",
          "Name another store, or, if what is there can go: wipefs --all "
              + store.name()
              + " && blkdiscard --zeroout "
              + store.name());
    }
    long most = mostBytes();
    if (store.size() < most) {
      throw new SleepException(
          String.format(
              "%s is too small: it has %s, and what is in memory now may take %s",
              store.name(), Quantity.bytes(store.size()), Quantity.bytes(most)),
          "Nothing was changed; the machine goes on.",
          "Name a larger store, or end programs that use memory.");
    }
  }

  /** What the image takes if nothing in use compresses, in bytes. */
  private static long mostBytes() throws IOException {
    MemoryInfo memory = MemoryInfo.read();
    return ImageWriter.worstCaseBytes(Pages.holding(memory.total() - memory.free()));
  }

  /** Says on the store that this image is about to be written: the saver looks for it. */
  private static void claim(String name, UUID image, MachineFacts machine, SaverPlan plan)
      throws IOException {
    KernelIdentity kernel = machine.kernel();
    MemoryMap map = machine.ioMemory().map();
    ImageOrigin origin =
        new ImageOrigin(
            image,
            Instant.now(),
            kernel.release(),
            kernel.buildId(),
            ImageOrigin.fingerprint(map),
            map.ramPages(),
            name);
    WayBack wayBack =
        new WayBack(
            plan.region(), SaverLayout.LOW_MEMORY, 0, SaverJump.pagingMode(machine).levels());
    try (BlockStore store = openStore(name)) {
      Image.claim(store, origin, wayBack);
    }
  }

  /** Whether the machine has slept, or the saver kernel came back instead of switching it off. */
  private static void checkSlept(String name, UUID image) throws SleepException, IOException {
    try (BlockStore store = openStore(name)) {
      ImageHeader header = Image.header(store);
      if (header.origin().image().equals(image) && header.state() == ImageState.CONSUMED) {
        return;
      }
      // An image that is left here would take the machine back to before this moment.
      Image.discard(store);
    }
    throw new SleepException(
        "the saver kernel came back instead of switching the machine off",
        "The machine goes on as if nothing had happened; " + name + " holds no image.",
        "The saver's last lines on the console tell why.");
  }
}
