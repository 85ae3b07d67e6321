package org.dormouse.agent;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.UUID;
import org.dormouse.image.Image;
import org.dormouse.image.ImageHeader;
import org.dormouse.image.ImageOrigin;
import org.dormouse.image.ImageProgress;
import org.dormouse.image.ImageReader;
import org.dormouse.image.ImageWriter;
import org.dormouse.image.PageSink;
import org.dormouse.image.PipelineSize;
import org.dormouse.image.WayBack;
import org.dormouse.linux.CommandLine;
import org.dormouse.linux.MemoryInfo;
import org.dormouse.linux.Processor;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;
import org.dormouse.sleep.Journal;
import org.dormouse.sleep.LockedPages;
import org.dormouse.sleep.PlacementException;
import org.dormouse.sleep.PlacementPlan;
import org.dormouse.store.BlockStore;

/**
 * Does, at build time, what the saver and the resume kernel do: a small image goes into a file and
 * out again. The Java run-time notes which classes and links that takes, so that in the kernels,
 * where it counts, they are there at once.
 */
public final class Training {
  private static final long PAGES = 1024;
  private static final long FIRST = 4096;

  private Training() {}

  /**
   * Runs once.
   *
   * @param folder of a disk: the store is a file there
   */
  public static void run(Path folder, Journal journal)
      throws IOException, InterruptedException, PlacementException {
    journal.stage("train");
    Path file = Files.createTempFile(folder, "training", ".image");
    try (Arena arena = Arena.ofShared()) {
      long storeBytes = ImageWriter.worstCaseBytes(PAGES);
      try (var channel = Files.newByteChannel(file, java.nio.file.StandardOpenOption.WRITE)) {
        channel.position(Pages.alignUp(storeBytes, Pages.SIZE) - 1);
        channel.write(java.nio.ByteBuffer.allocate(1));
      }
      MemorySegment memory = arena.allocate(Pages.address(PAGES), Pages.SIZE);
      for (long page = 0; page < PAGES; page += 3) {
        memory.set(ValueLayout.JAVA_LONG, Pages.address(page), page + 1);
      }
      try (BlockStore store = BlockStore.forWriting(file)) {
        save(store, memory, journal);
        resume(store, memory, arena, journal);
      }
    } finally {
      Files.delete(file);
    }
    CommandLine.running();
    journal.fact("total_bytes", MemoryInfo.read().total());
  }

  private static void save(BlockStore store, MemorySegment memory, Journal journal)
      throws IOException, InterruptedException {
    ImageOrigin origin =
        new ImageOrigin(UUID.randomUUID(), Instant.now(), "6.12", "", 0, PAGES, store.name());
    WayBack wayBack = new WayBack(new PageRange(1, 2), new PageRange(0, 1), FIRST, 4);
    Image.claim(store, origin, wayBack);
    PipelineSize size = PipelineSize.of(Processor.read().online());
    try (ImageWriter writer =
        ImageWriter.begin(store, origin, wayBack, size, new ImageProgress())) {
      writer.save(new PageRange(FIRST, FIRST + PAGES), memory);
      ImageHeader header = writer.finish();
      journal.fact("pages_saved", header.body().savedPages());
    }
  }

  private static void resume(BlockStore store, MemorySegment memory, Arena arena, Journal journal)
      throws IOException, InterruptedException, PlacementException {
    try (ImageReader reader = ImageReader.open(store)) {
      long limit = FIRST + PAGES;
      PageSet image = reader.pages(arena, limit);
      LockedPages locked =
          LockedPages.builder(arena)
              .append(memory.address() + Pages.address(1), FIRST + 1, PAGES - 1)
              .build();
      PlacementPlan plan =
          PlacementPlan.of(
              arena,
              image,
              locked.pages(arena, limit),
              new PlacementPlan.Memory(
                  java.util.List.of(new PageRange(0, limit)),
                  java.util.List.of(new PageRange(1, 2)),
                  java.util.List.of()));
      journal.fact("pages_parked", plan.counts().parked());
      reader.restore(
          new PageSink() {
            @Override
            public long run(long pfn, long maxPages) {
              return maxPages;
            }

            @Override
            public MemorySegment at(long pfn, long pages) {
              return memory.asSlice(Pages.address(pfn - FIRST), Pages.address(pages));
            }
          },
          PipelineSize.of(1),
          new ImageProgress());
    }
  }
}
