package org.dormouse.sleep;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.dormouse.boot.LeafSize;
import org.dormouse.boot.PagingMode;
import org.dormouse.image.Damage;
import org.dormouse.image.Image;
import org.dormouse.image.ImageFormatException;
import org.dormouse.image.ImageHeader;
import org.dormouse.image.ImageOrigin;
import org.dormouse.image.ImageProgress;
import org.dormouse.image.ImageProgress.Stage;
import org.dormouse.image.ImageReader;
import org.dormouse.image.PageSink;
import org.dormouse.image.PipelineSize;
import org.dormouse.image.WayBack;
import org.dormouse.kexec.FinishResume;
import org.dormouse.kexec.KexecPlanException;
import org.dormouse.linux.IoMemory;
import org.dormouse.linux.Kexec;
import org.dormouse.linux.LinuxException;
import org.dormouse.linux.Mapping;
import org.dormouse.linux.MemoryInfo;
import org.dormouse.linux.PhysicalPages;
import org.dormouse.linux.Processor;
import org.dormouse.linux.Sysctl;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;
import org.dormouse.store.BlockStore;

/**
 * In the resume kernel: looks for an image, puts its pages where they were, and jumps into the
 * original kernel. When it returns, there is nothing to resume, and the machine goes on booting.
 *
 * <p>An image that is this machine's and cannot be resumed is marked as used: the boot that goes on
 * now changes the file systems, which the image remembers as they were.
 */
public final class Resume {
  /**
   * What must stay unlocked beside the pipeline's buffers and the plan, in bytes: page tables, what
   * kexec loads, what Java still needs, and the kernel's watermarks, below which it would kill this
   * process rather than give out memory.
   */
  private static final long UNLOCKED_BYTES = 44L << 20;

  private static final int LOCK_TRIES = 4;

  /** How many threads unpack at most: each has buffers, for which memory stays unlocked. */
  private static final int MAX_WORKERS = 4;

  private final Journal journal;

  /** Tells {@code journal} how it goes. */
  public Resume(Journal journal) {
    this.journal = journal;
  }

  /**
   * Resumes the image in {@code storeName}, if there is a good one.
   *
   * @return why the machine goes on booting instead
   * @throws IOException if the store cannot be read or marked; the machine goes on booting too
   */
  public String run(String storeName) throws IOException, InterruptedException {
    return switch (search(storeName)) {
      case Nothing(String why) -> why;
      case Found found -> {
        try (BlockStore store = BlockStore.forWriting(found.device)) {
          yield resume(store, found.header, found.memory);
        }
      }
    };
  }

  /**
   * Takes the image away over which a resume has died, so that no later boot tries it: the boot
   * that goes on now changes the file systems.
   *
   * @return what was found and done
   * @throws IOException if the store cannot be read or marked
   */
  public String giveUp(String storeName) throws IOException {
    return switch (search(storeName)) {
      case Nothing(String why) -> why;
      case Found found -> {
        try (BlockStore store = BlockStore.forWriting(found.device)) {
          Image.discard(store);
        }
        yield "the resume did not come to its end; the image is taken away";
      }
    };
  }

  /** What a search has found. */
  private sealed interface Search {}

  /** Nothing to resume. */
  private record Nothing(String why) implements Search {}

  /** An image that is whole, by its header, and this machine's. */
  private record Found(Path device, ImageHeader header, IoMemory memory) implements Search {}

  private static Search search(String storeName) throws IOException {
    Optional<Path> device = Stores.named(storeName);
    if (device.isEmpty()) {
      return new Nothing(
          "there is no store " + storeName + ", and no device has an image of that name");
    }
    ImageHeader header;
    try (BlockStore store = BlockStore.forReading(device.get())) {
      header = Image.header(store);
    } catch (ImageFormatException e) {
      return new Nothing(
          e.damage() == Damage.NOT_AN_IMAGE
              ? "no image on " + storeName
              : "no image on " + storeName + ": " + e.getMessage());
    }
    Optional<String> unusable = unusable(header, storeName);
    if (unusable.isPresent()) {
      return new Nothing(unusable.get());
    }
    IoMemory memory = IoMemory.read();
    if (header.origin().memoryMapFingerprint() != ImageOrigin.fingerprint(memory.map())) {
      return new Nothing(
          "the image on "
              + storeName
              + " is from another machine, or from another memory map of this one: it is left as"
              + " it is. Do not resume it after this boot has changed its file systems; 'dormouse"
              + " image discard' takes it away");
    }
    return new Found(device.get(), header, memory);
  }

  private static Optional<String> unusable(ImageHeader header, String storeName) {
    return switch (header.state()) {
      case COMPLETE -> Optional.empty();
      case EMPTY -> Optional.of("no image on " + storeName);
      case WRITING ->
          Optional.of(
              "the image on "
                  + storeName
                  + " was not written to its end: the machine lost power while it was saved");
      case CONSUMED -> Optional.of("the image on " + storeName + " was used already");
    };
  }

  /** Resumes an image of this machine; whatever keeps it from that, the image is used up. */
  private String resume(BlockStore store, ImageHeader header, IoMemory memory)
      throws IOException, InterruptedException {
    String why;
    try {
      why = place(store, header, memory, Processor.read());
    } catch (ImageFormatException e) {
      why = "the image is damaged: " + e.getMessage();
    } catch (PlacementException e) {
      why = "the image does not fit beside the resume kernel: " + e.getMessage();
    } catch (KexecPlanException e) {
      why = "the jump cannot be planned: " + e.getMessage();
    } catch (IOException | IllegalArgumentException e) {
      why = "the image could not be resumed: " + e.getMessage();
    }
    Image.discard(store);
    return why
        + "; the image is taken away, since booting on changes what it remembers of the disks";
  }

  private String place(BlockStore store, ImageHeader header, IoMemory memory, Processor processor)
      throws IOException, InterruptedException, PlacementException, KexecPlanException {
    WayBack way = header.wayBack();
    PagingMode mode = processor.fiveLevelPaging() ? PagingMode.FIVE_LEVEL : PagingMode.FOUR_LEVEL;
    if (mode.levels() != way.pagingLevels()) {
      return String.format(
          "the image is of a kernel with %d-level paging and this one has %d levels",
          way.pagingLevels(), mode.levels());
    }
    LeafSize leaf = processor.gigabytePages() ? LeafSize.HUGE : LeafSize.LARGE;
    long limit = memory.map().limit();
    long stubPages = FinishResume.pages(mode, leaf, Pages.address(limit));
    PageRange region = way.saverRegion();
    PageRange stub = new PageRange(region.start(), region.start() + stubPages);

    journal.stage("index");
    try (Arena arena = Arena.ofShared();
        ImageReader reader = ImageReader.open(store)) {
      PageSet image = reader.pages(arena, limit);
      journal.stage("lock");
      Sysctl.keepLockedPagesInPlace();
      Sysctl.dropCaches();
      Sysctl.shrinkReserves();
      PipelineSize pipeline = PipelineSize.of(Math.min(processor.online(), MAX_WORKERS));
      MemorySegment own = lock(UNLOCKED_BYTES + pipeline.bytes() + planBytes(limit), arena);
      LockedPages locked = look(own, arena);
      PlacementPlan plan =
          PlacementPlan.of(
              arena,
              image,
              locked.pages(arena, limit),
              new PlacementPlan.Memory(
                  memory.map().ram(), List.of(region, way.lowMemory()), List.of(stub)));
      journal.fact("pages_placed", plan.counts().placed());
      journal.fact("pages_parked", plan.counts().parked());
      journal.fact("pages_zeroed", plan.counts().zeroFilled());
      journal.fact("pages_locked", locked.count());

      journal.stage("place");
      fill(reader, plan, locked, pipeline);

      journal.stage("park");
      long head = plan.copyList().write(pfn -> at(locked.addressOf(pfn), 1));
      SaverJump.load(
          FinishResume.plan(way.jumpBackEntry(), head, mode, leaf, stub, Pages.address(limit)));

      journal.stage("verify");
      long moved = locked.movedBy(look(own, arena));
      if (moved != 0) {
        Kexec.unload();
        return moved + " pages moved while the image was placed";
      }
      Image.markConsumed(store, header.origin().image());
      journal.stage("wake");
      Kexec.execute();
      return "the kernel did not jump";
    }
  }

  /**
   * What the plan takes beside the locked memory, in bytes: its bitmaps and that of the locked
   * pages.
   */
  private static long planBytes(long limit) {
    return PlacementPlan.bytesFor(limit) + limit / Byte.SIZE;
  }

  /** Locks nearly all memory that is free, but {@code leave} bytes. */
  private static MemorySegment lock(long leave, Arena arena) throws IOException {
    long unlocked = leave;
    for (int tries = 1; ; tries++) {
      long bytes = Pages.alignDown(MemoryInfo.read().free() - unlocked, Pages.LARGE_SIZE);
      try {
        return Mapping.locked(Math.max(bytes, Pages.LARGE_SIZE), arena);
      } catch (LinuxException e) {
        if (tries == LOCK_TRIES) {
          throw e;
        }
        unlocked += UNLOCKED_BYTES / 4;
      }
    }
  }

  private static LockedPages look(MemorySegment own, Arena arena) throws IOException {
    LockedPages.Builder builder = LockedPages.builder(arena);
    PhysicalPages.behind(own, builder::append);
    return builder.build();
  }

  private void fill(ImageReader reader, PlacementPlan plan, LockedPages locked, PipelineSize size)
      throws IOException, InterruptedException {
    ImageProgress progress = new ImageProgress();
    reader.restore(new Places(plan, locked), size, progress);
    journal.seconds("read_s", progress.time(Stage.READ).toNanos());
    journal.seconds("decompress_s", progress.time(Stage.DECOMPRESS).toNanos());
    journal.seconds("place_s", progress.time(Stage.PLACE).toNanos());
    if (progress.pagesMoved() != plan.counts().image()) {
      throw new IOException(
          String.format(
              "%d pages came out of an image of %d", progress.pagesMoved(), plan.counts().image()));
    }
  }

  private static MemorySegment at(long address, long pages) {
    return MemorySegment.ofAddress(address).reinterpret(Pages.address(pages));
  }

  /** Where the plan puts the image's pages. Each thread has its own cursor. */
  private static final class Places implements PageSink {
    private final ThreadLocal<PlacementCursor> cursors;

    Places(PlacementPlan plan, LockedPages locked) {
      cursors = ThreadLocal.withInitial(() -> plan.cursor(locked));
    }

    @Override
    public long run(long pfn, long maxPages) {
      PlacementCursor cursor = cursors.get();
      cursor.seek(pfn, maxPages);
      return cursor.pages();
    }

    @Override
    public MemorySegment at(long pfn, long pages) {
      PlacementCursor cursor = cursors.get();
      cursor.seek(pfn, pages);
      return Resume.at(cursor.address(), pages);
    }
  }
}
