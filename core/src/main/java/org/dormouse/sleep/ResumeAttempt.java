package org.dormouse.sleep;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.dormouse.boot.LeafSize;
import org.dormouse.boot.PagingMode;
import org.dormouse.image.Image;
import org.dormouse.image.ImageHeader;
import org.dormouse.image.ImageProgress;
import org.dormouse.image.ImageProgress.Stage;
import org.dormouse.image.ImageReader;
import org.dormouse.image.PageSink;
import org.dormouse.image.PipelineSize;
import org.dormouse.image.WayBack;
import org.dormouse.kexec.FinishResume;
import org.dormouse.kexec.KexecImage;
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
import org.dormouse.store.Store;

/**
 * One resume of one image: lock, plan, place, park, verify, jump. It returns only if that cannot be
 * done; then all memory is given back, nothing is loaded and the kernel's settings are as they
 * were.
 */
final class ResumeAttempt {
  /**
   * What must stay unlocked beside the pipeline's buffers and the plan, in bytes: page tables, what
   * kexec loads, what Java still needs, and the kernel's reserves, below which it would kill this
   * process rather than give out memory.
   */
  private static final long UNLOCKED_BYTES = 44L << 20;

  /** How much more stays unlocked at each further try to lock, in bytes. */
  private static final long STEP_BYTES = 16L << 20;

  private static final int LOCK_TRIES = 4;

  /** How many threads unpack at most: each has buffers, for which memory stays unlocked. */
  private static final int MAX_WORKERS = 4;

  private final Journal journal;
  private final Store store;
  private final ImageHeader header;
  private final List<PageRange> ram;
  private final long limit;
  private final PagingMode mode;
  private final LeafSize leaf;
  private final PageRange stub;
  private final PipelineSize pipeline;

  /**
   * Prepares to resume.
   *
   * @param header of a complete image of this machine
   * @param memory this machine's
   */
  ResumeAttempt(
      Journal journal, Store store, ImageHeader header, IoMemory memory, Processor processor) {
    this.journal = journal;
    this.store = store;
    this.header = header;
    ram = memory.map().ram();
    limit = memory.map().limit();
    mode = processor.fiveLevelPaging() ? PagingMode.FIVE_LEVEL : PagingMode.FOUR_LEVEL;
    leaf = processor.gigabytePages() ? LeafSize.HUGE : LeafSize.LARGE;
    long start = header.wayBack().saverRegion().start();
    stub = new PageRange(start, start + FinishResume.pages(mode, leaf, Pages.address(limit)));
    pipeline = PipelineSize.of(Math.min(processor.online(), MAX_WORKERS));
  }

  /**
   * Resumes.
   *
   * @return why not
   */
  String run() throws IOException, InterruptedException, PlacementException, KexecPlanException {
    int levels = header.wayBack().pagingLevels();
    if (mode.levels() != levels) {
      return String.format(
          "the image is of a kernel with %d-level paging and this one has %d levels",
          levels, mode.levels());
    }
    journal.stage("index");
    try (Sysctl.Changed _ = Sysctl.forResume();
        Arena arena = Arena.ofShared();
        ImageReader reader = ImageReader.open(store)) {
      PageSet image = reader.pages(arena, limit);
      journal.stage("lock");
      MemorySegment own = lock(arena);
      LockedPages locked = look(own, arena);
      PlacementPlan plan = plan(arena, image, locked);
      journal.stage("place");
      fill(reader, plan, locked);
      journal.stage("park");
      SaverJump.load(park(plan, locked));
      try {
        return jump(own, locked, arena);
      } finally {
        Kexec.unload();
      }
    }
  }

  /** Locks nearly all memory that is free. */
  private MemorySegment lock(Arena arena) throws IOException {
    Sysctl.dropCaches();
    long bitmaps = PlacementPlan.bytesFor(limit) + limit / Byte.SIZE;
    long unlocked = UNLOCKED_BYTES + pipeline.bytes() + bitmaps;
    for (int tries = 1; ; tries++) {
      long bytes = Pages.alignDown(MemoryInfo.read().free() - unlocked, Pages.LARGE_SIZE);
      try {
        return Mapping.locked(Math.max(bytes, Pages.LARGE_SIZE), arena);
      } catch (LinuxException e) {
        if (tries == LOCK_TRIES) {
          throw e;
        }
        unlocked += STEP_BYTES;
      }
    }
  }

  private static LockedPages look(MemorySegment own, Arena arena) throws IOException {
    LockedPages.Builder builder = LockedPages.builder(arena);
    PhysicalPages.behind(own, builder::append);
    return builder.build();
  }

  private PlacementPlan plan(Arena arena, PageSet image, LockedPages locked)
      throws PlacementException {
    WayBack way = header.wayBack();
    PlacementPlan plan =
        PlacementPlan.of(
            arena,
            image,
            locked.pages(arena, limit),
            new PlacementPlan.Memory(
                ram, List.of(way.saverRegion(), way.lowMemory()), List.of(stub)));
    journal.fact("pages_placed", plan.counts().placed());
    journal.fact("pages_parked", plan.counts().parked());
    journal.fact("pages_zeroed", plan.counts().zeroFilled());
    journal.fact("pages_locked", locked.count());
    return plan;
  }

  /** Reads all pages of the image to where the plan has them. */
  private void fill(ImageReader reader, PlacementPlan plan, LockedPages locked)
      throws IOException, InterruptedException {
    ImageProgress progress = new ImageProgress();
    reader.restore(new Places(plan, locked), pipeline, progress);
    journal.seconds("read_s", progress.time(Stage.READ).toNanos());
    journal.seconds("decompress_s", progress.time(Stage.DECOMPRESS).toNanos());
    journal.seconds("place_s", progress.time(Stage.PLACE).toNanos());
    if (progress.pagesMoved() != plan.counts().image()) {
      throw new IOException(
          String.format(
              "%d pages came out of an image of %d", progress.pagesMoved(), plan.counts().image()));
    }
  }

  /** Writes the list for the stub, and plans the stub. */
  private KexecImage park(PlacementPlan plan, LockedPages locked) throws KexecPlanException {
    long head = plan.copyList().write(pfn -> memory(locked.addressOf(pfn), 1));
    return FinishResume.plan(
        header.wayBack().jumpBackEntry(), head, mode, leaf, stub, Pages.address(limit));
  }

  /** The last check, the mark that the image is used, the jump. */
  private String jump(MemorySegment own, LockedPages locked, Arena arena) throws IOException {
    journal.stage("verify");
    long moved = locked.movedBy(look(own, arena));
    if (moved != 0) {
      return moved + " pages moved while the image was placed";
    }
    Image.markConsumed(store, header.origin().image());
    journal.stage("wake");
    Kexec.execute();
    return "the kernel did not jump";
  }

  private static MemorySegment memory(long address, long pages) {
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
      return memory(cursor.address(), pages);
    }
  }
}
