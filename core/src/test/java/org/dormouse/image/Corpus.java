package org.dormouse.image;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.dormouse.codec.Codec;
import org.dormouse.image.PipelineSize.Compression;
import org.dormouse.memory.Frames;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;
import org.dormouse.text.KeyValues;

/** Images of every kind and in every state, small ones, made by the writer itself. */
final class Corpus {
  /** RAM of the machine whose memory is in most of the images. */
  static final List<PageRange> RAM =
      List.of(
          new PageRange(3, 60),
          new PageRange(200, 230),
          new PageRange(234, 330),
          new PageRange(0x100000, 0x100010));

  /** What lies in the middle of it, and must never be written. */
  static final PageRange FORBIDDEN = new PageRange(230, 234);

  /** RAM of a machine with a chunk in each window, and more chunks than a segment holds. */
  static final List<PageRange> WIDE_RAM =
      List.of(new PageRange(0x100, 0x100 + 256L * (IndexSegment.MOST_ENTRIES + 40)));

  private static final Codec LZ4 = new Codec.OfLz4(1);

  private static final long STORE_BYTES = 8 << 20;

  /** A segment of the sample with short ones has so many entries. */
  private static final int SHORT = 2;

  /** What is done to a store that holds a complete image. */
  private interface Step {
    void of(MemoryStore store) throws IOException, InterruptedException;
  }

  /**
   * What a store held.
   *
   * @param name for people
   * @param store it, to be copied
   * @param ram what may be restored
   * @param dataOffset where its data begins
   * @param segments where the segments of the index are, the last one first
   */
  record Sample(
      String name,
      ChangedStore store,
      List<PageRange> ram,
      long dataOffset,
      List<StoredBytes> segments) {
    /** The same after something was done to the store. */
    private Sample after(String what, Step step) throws IOException, InterruptedException {
      try (MemoryStore other = new MemoryStore(store.size())) {
        other.put(0, store.bytes(0, (int) store.size()));
        step.of(other);
        return new Sample(what, unchanged(other), ram, dataOffset, segments);
      }
    }
  }

  private Corpus() {}

  /** The images. New kinds go to the end: an input names its sample by its number. */
  static List<Sample> samples() {
    try {
      Sample image = image("LZ4", LZ4, Compression.ALWAYS, TestMachine.Fill.values());
      return List.of(
          image,
          image("raw", LZ4, Compression.NEVER, TestMachine.Fill.values()),
          image("zeros", LZ4, Compression.ALWAYS, TestMachine.Fill.ZERO),
          image("no page", LZ4, Compression.ALWAYS, TestMachine.Fill.FREE),
          shortSegments(image),
          fullSegments(),
          image.after("discarded", store -> Image.discard(store, "by hand")),
          image.after("refused", store -> Image.refuse(store, TestMachine.IMAGE, "no disk")),
          image.after("consumed", store -> Image.markConsumed(store, TestMachine.IMAGE)),
          image.after("claimed", Corpus::claim),
          image.after("failed", store -> Image.recordFailure(store, TestMachine.IMAGE, "oh")),
          image.after("attempted", store -> Image.countAttempt(store, TestMachine.IMAGE)),
          image.after("without a saver", Image::blank),
          image.after("of version 1", store -> store.poke(8, (byte) 1)),
          image.after("a damaged chunk", store -> store.flip(dataOffset(), 3)),
          image.after("a damaged description", store -> store.flip(600, 0)),
          image("zstd", new Codec.OfZstd(1), Compression.ALWAYS, TestMachine.Fill.values()),
          dump());
    } catch (IOException e) {
      throw new IllegalStateException("the corpus cannot be made", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the corpus was not made", e);
    }
  }

  private static Sample image(
      String name, Codec codec, Compression compression, TestMachine.Fill... kinds)
      throws IOException, InterruptedException {
    try (TestMachine machine = new TestMachine(RAM, 7, kinds);
        MemoryStore store = new MemoryStore(STORE_BYTES)) {
      machine.hibernate(store, new PipelineSize(1, 3, 2 << 20, compression, codec));
      return sample(name, store, RAM);
    }
  }

  /** What the store holds up to the image's end. */
  private static Sample sample(String name, MemoryStore store, List<PageRange> ram)
      throws IOException {
    ImageReader reader = ImageReader.inspect(store);
    long dataOffset = reader.description().dataOffset();
    List<StoredBytes> segments = new ArrayList<>();
    try (Arena arena = Arena.ofConfined()) {
      IndexReader index =
          new IndexReader(arena, store, reader.body(), dataOffset, new IndexGuard.None());
      for (StoredBytes next = index.before(); index.advance(); next = index.before()) {
        segments.add(next);
      }
    }
    try (MemoryStore cut = store.truncated(reader.body().blocksEnd(dataOffset))) {
      return new Sample(name, unchanged(cut), ram, dataOffset, segments);
    }
  }

  /** An image that says nothing of a wake. */
  private static Sample dump() throws IOException, InterruptedException {
    try (TestMachine machine = new TestMachine(RAM, 7, TestMachine.Fill.values());
        MemoryStore store = new MemoryStore(STORE_BYTES)) {
      ImageDescription description =
          new ImageDescription(
              Instant.EPOCH, "6.1", "", machine.ramPages(), "core", Optional.empty());
      ImageHeader claimed = Image.claim(store, TestMachine.IMAGE, description);
      try (ImageWriter writer =
          ImageWriter.begin(store, claimed, TestMachine.size(1), new ImageProgress())) {
        writer.save(machine, machine.inUse(), machine.ram());
        machine.finish(writer);
      }
      return sample("a dump", store, RAM);
    }
  }

  private static void claim(MemoryStore store) throws IOException {
    Image.claim(store, new UUID(1, 2), Image.header(store).description().orElseThrow());
  }

  /** The same image with an index of many segments, each of a few entries. */
  private static Sample shortSegments(Sample image) throws IOException {
    try (Arena arena = Arena.ofConfined();
        MemoryStore store = new MemoryStore(STORE_BYTES)) {
      store.put(0, image.store.bytes(0, (int) image.store.size()));
      ImageHeader header = Image.header(store);
      ImageBody body = header.body().orElseThrow();
      IndexReader index = new IndexReader(arena, store, body, dataOffset(), new IndexGuard.None());
      IndexWriter shorter = new IndexWriter(arena, new IndexGuard.None());
      RunBuffer run = new RunBuffer(arena, 2 << 20);
      long at = body.lastIndexSegment().blocksEnd();
      while (index.advance()) {
        for (int entry = 0; entry < index.count(); entry += run.chunks()) {
          run.read(store, index, entry);
          for (int chunk = 0; chunk < run.chunks(); chunk++) {
            shorter.add(run, chunk, 0);
            if ((chunk + 1) % SHORT == 0) {
              at = shorter.write(store, at).blocksEnd();
            }
          }
        }
      }
      if (shorter.hasEntries()) {
        shorter.write(store, at);
      }
      putIndex(store, header, shorter.last());
      return sample("short segments", store, RAM);
    }
  }

  private static void putIndex(MemoryStore store, ImageHeader header, StoredBytes last)
      throws IOException {
    KeyValues description = header.description().orElseThrow().lines();
    ImageBody body = header.body().orElseThrow();
    ImageBody longer =
        new ImageBody(
            body.savedPages(),
            body.zeroPages(),
            body.freePages(),
            body.chunkCount(),
            last,
            last.end() - dataOffset(),
            body.details());
    try (Arena arena = Arena.ofConfined()) {
      HeaderBlock block = HeaderBlock.blank(arena);
      block.put(StateSector.of(header), description.withAll(longer.lines()));
      block.writeDurably(store);
    }
  }

  /** A page in each window, most of them zero. */
  private static Sample fullSegments() throws IOException, InterruptedException {
    PageRange ram = WIDE_RAM.getFirst();
    try (Arena arena = Arena.ofShared();
        TestMachine small = new TestMachine(RAM, 7, TestMachine.Fill.ZERO);
        MemoryStore store = new MemoryStore(STORE_BYTES)) {
      PageSet pages = PageSet.empty(arena, ram.end());
      for (long pfn = ram.start(); pfn < ram.end(); pfn += 256) {
        pages.add(pfn + pfn / 256 % 256);
      }
      MemorySegment page = arena.allocate(Pages.SIZE, Pages.SIZE);
      try (ImageWriter writer =
          ImageWriter.begin(store, small.claim(store), TestMachine.size(1), new ImageProgress())) {
        writer.save(mostlyZeros(page), pages);
        writer.finish(TestMachine.JUMP_BACK_ENTRY, 0, TestMachine.DETAILS);
      }
      return sample("full segments", store, WIDE_RAM);
    }
  }

  /** Single pages; one in many has something in it. */
  private static Frames mostlyZeros(MemorySegment page) {
    return frames -> {
      page.set(ValueLayout.JAVA_LONG, 0, frames.start() / 256 % 512 == 3 ? frames.start() : 0);
      return new Frames.Lease() {
        @Override
        public MemorySegment memory() {
          return page;
        }

        @Override
        public void close() {}
      };
    };
  }

  private static ChangedStore unchanged(MemoryStore store) {
    return new ChangedStore(store.contents(), store.size());
  }

  private static long dataOffset() {
    return TestMachine.files().dataOffset();
  }
}
