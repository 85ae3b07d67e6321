package org.dormouse.sleep;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.dormouse.boot.PagingMode;
import org.dormouse.image.Image;
import org.dormouse.image.ImageDescription;
import org.dormouse.image.ImageHeader;
import org.dormouse.image.ImageProgress;
import org.dormouse.image.ImageReader;
import org.dormouse.image.ImageWriter;
import org.dormouse.image.PipelineSize;
import org.dormouse.image.SaverFiles;
import org.dormouse.kexec.SaverLayout;
import org.dormouse.linux.Processor;
import org.dormouse.mailbox.Mailbox;
import org.dormouse.mailbox.MailboxAnswer;
import org.dormouse.mailbox.MailboxRequest;
import org.dormouse.mailbox.MailboxStatus;
import org.dormouse.memory.Frames;
import org.dormouse.memory.FreePagePolicy;
import org.dormouse.memory.MemoryMap;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;
import org.dormouse.store.Store;
import org.dormouse.text.KeyValues;
import org.dormouse.vmcore.FrameWindows;

/**
 * A sleep and a wake without a jump: a small piece of this process's memory goes into a store and
 * out again. A build runs it to learn which classes a saver needs.
 */
public final class RoundTrip {
  /** What the store must hold, in bytes. */
  public static final long STORE_BYTES = 16L << 20;

  private static final long PAGES = 1024;
  private static final long FIRST = Frames.WINDOW_PAGES;
  private static final PageRange MEMORY = new PageRange(FIRST, FIRST + PAGES);
  private static final int FILE_BYTES = 4096;
  private static final int EVERY = 3;

  private RoundTrip() {}

  /**
   * Runs once.
   *
   * @param arena a shared one, owns the memory
   * @throws IOException if the store fails, or what came out is not what went in
   */
  public static void run(Store store, Arena arena, Journal journal)
      throws IOException, InterruptedException {
    MemorySegment memory = arena.allocate(MEMORY.bytes(), Pages.SIZE);
    for (long page = 0; page < PAGES; page += EVERY) {
      memory.set(ValueLayout.JAVA_LONG, Pages.address(page), page + 1);
    }
    KeyValues details = talk(arena);
    UUID image = UUID.randomUUID();
    claim(store, image, arena);
    PipelineSize size = PipelineSize.of(Processor.read().online());
    try (FrameWindows frames = FrameWindows.over(List.of(MEMORY), 1, over(memory))) {
      PageSet pages = PageSet.of(arena, MEMORY.end(), List.of(MEMORY));
      try (ImageWriter writer =
          ImageWriter.begin(store, Image.header(store), size, new ImageProgress())) {
        writer.save(frames, pages);
        ImageHeader header = writer.finish(Pages.address(FIRST), 0, details.toString());
        journal.fact("pages_saved", header.body().orElseThrow().savedPages());
      }
      memory.fill((byte) -1);
      Image.countAttempt(store, image);
      ImageReader reader = ImageReader.open(store);
      KeyValues.parse(reader.details());
      reader.restore(frames, pages, size, new ImageProgress());
      Image.markConsumed(store, image);
    }
    check(memory);
  }

  private static void check(MemorySegment memory) throws IOException {
    for (long page = 0; page < PAGES; page++) {
      long wanted = page % EVERY == 0 ? page + 1 : 0;
      if (memory.get(ValueLayout.JAVA_LONG, Pages.address(page)) != wanted) {
        throw new IOException("page " + page + " came back with another content");
      }
    }
  }

  private static void claim(Store store, UUID image, Arena arena) throws IOException {
    MemorySegment file = arena.allocate(FILE_BYTES, Pages.SIZE);
    SaverFiles.Contents contents = SaverFiles.Contents.of(file);
    SaverFiles files = SaverFiles.install(store, contents, contents, Optional.empty());
    Image.claim(
        store,
        image,
        new ImageDescription(
            Instant.now(),
            "6.12",
            "",
            PAGES,
            new PageRange(FIRST + PAGES, FIRST + 2 * PAGES),
            SaverLayout.LOW_MEMORY,
            4,
            0,
            store.name(),
            files,
            "quiet"));
  }

  /** A request and its answer, as lines of an image. */
  private static KeyValues talk(Arena arena) throws IOException {
    PageRange region = new PageRange(FIRST, FIRST + PAGES);
    MemoryMap map =
        new MemoryMap(
            List.of(
                new MemoryMap.Region(
                    region.startAddress(), region.endAddress(), MemoryMap.Kind.RAM)));
    Original original = new Original(map, region, 0, 0, PagingMode.FOUR_LEVEL, FreePagePolicy.ANY);
    Mailbox mailbox = Mailbox.in(arena.allocate(Mailbox.BYTES, Pages.SIZE));
    KeyValues lines = new SaverTask.Return().lines().withAll(original.lines());
    mailbox.put(new MailboxRequest(1, lines), new long[Mailbox.PAGES]);
    MailboxRequest request = mailbox.request().orElseThrow();
    SaverTask.of(request.lines());
    mailbox.answer(
        new MailboxAnswer(
            request.sequence(), MailboxStatus.DONE, 0, KeyValues.empty().with("warm", "yes")));
    return Original.of(request.lines()).lines().withAll(mailbox.answer().lines());
  }

  private static FrameWindows.Mapper over(MemorySegment memory) {
    return (frames, _) -> memory.asSlice(Pages.address(frames.start() - FIRST), frames.bytes());
  }
}
