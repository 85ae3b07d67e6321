package org.dormouse.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.dormouse.codec.Codec;
import org.dormouse.memory.Frames;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;
import org.dormouse.store.BlockStore;
import org.dormouse.store.Store;
import org.junit.jupiter.api.Test;

class ImageRoundTripTest {
  private static final MemorySegment ZEROS = MemorySegment.ofArray(new byte[Pages.SIZE]);

  /** Which frames may be leased along with the pages to be saved. */
  enum Reachable {
    ALL_RAM,
    PAGES_IN_USE
  }

  @Property(tries = 60)
  void whatWasSavedComesBack(
      @ForAll("extents") List<PageRange> extents,
      @ForAll("kinds") Set<TestMachine.Fill> kinds,
      @ForAll long seed,
      @ForAll Reachable reachable,
      @ForAll @IntRange(min = 1, max = 3) int workers,
      @ForAll PipelineSize.Compression compression,
      @ForAll("codecs") Codec codec)
      throws IOException, InterruptedException {
    PipelineSize size = PipelineSize.of(workers).withCompression(compression).withCodec(codec);
    try (TestMachine machine =
            new TestMachine(extents, seed, kinds.toArray(TestMachine.Fill[]::new));
        MemoryStore store =
            new MemoryStore(ImageWriter.worstCaseBytes(TestMachine.files(), machine.ramPages()))) {
      ImageHeader written =
          machine.hibernate(
              store,
              size,
              switch (reachable) {
                case ALL_RAM -> machine.ram();
                case PAGES_IN_USE -> machine.inUse();
              });
      assertComesBack(machine, store, written, size);
    }
  }

  @Test
  void whatWasSavedComesBackFromAFile() throws IOException, InterruptedException {
    Path path = Files.createTempFile(Path.of("target"), "store", ".img");
    try (TestMachine machine = TestMachine.mixed()) {
      try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
        file.setLength(16 << 20);
      }
      try (Store store = BlockStore.forWriting(path)) {
        ImageHeader written = machine.hibernate(store, TestMachine.size(2));
        assertComesBack(machine, store, written, TestMachine.size(2));
      }
    } finally {
      Files.delete(path);
    }
  }

  @Test
  void severalSetsMakeOneImage() throws IOException, InterruptedException {
    try (TestMachine machine = TestMachine.mixed();
        MemoryStore store = new MemoryStore(8 << 20)) {
      ImageHeader header;
      try (ImageWriter writer = begin(machine, store, new ImageProgress())) {
        for (PageRange part : List.of(new PageRange(300, 0x100080), new PageRange(0, 300))) {
          try (Arena arena = Arena.ofShared()) {
            PageSet pages = PageSet.of(arena, machine.ram().limit(), List.of(part));
            pages.retainAll(machine.inUse());
            writer.save(machine, pages);
          }
        }
        header = machine.finish(writer);
      }
      assertComesBack(machine, store, header, TestMachine.size(2));
    }
  }

  @Test
  void aMachineOfZerosHasAnImageWithoutData() throws IOException, InterruptedException {
    try (TestMachine machine =
            new TestMachine(List.of(new PageRange(256, 5376)), 1, TestMachine.Fill.ZERO);
        MemoryStore store = new MemoryStore(TestMachine.files().dataOffset() + 4096)) {
      ImageHeader written = machine.hibernate(store, TestMachine.size(1));
      assertThat(written.body().orElseThrow().chunkCount()).isEqualTo(20);
      assertComesBack(machine, store, written, TestMachine.size(1));
    }
  }

  @Test
  void aMachineWithNothingInUseHasAnImageWithoutChunks() throws IOException, InterruptedException {
    try (TestMachine machine =
            new TestMachine(List.of(new PageRange(256, 5376)), 1, TestMachine.Fill.FREE);
        MemoryStore store = new MemoryStore(TestMachine.files().dataOffset())) {
      ImageHeader written = machine.hibernate(store, TestMachine.size(1));
      assertThat(written.body().orElseThrow().chunkCount()).isZero();
      assertThat(written.body().orElseThrow().freePages()).isEqualTo(5120);
      assertComesBack(machine, store, written, TestMachine.size(1));
    }
  }

  @Test
  void theSameMemoryGivesTheSameImageWithOneWorker() throws IOException, InterruptedException {
    try (TestMachine machine = TestMachine.mixed();
        MemoryStore first = new MemoryStore(8 << 20);
        MemoryStore second = new MemoryStore(8 << 20)) {
      machine.hibernate(first, TestMachine.size(1));
      machine.hibernate(second, TestMachine.size(1));
      assertThat(second.contents()).isEqualTo(first.contents());
    }
  }

  @Test
  void aHigherAccelerationIsReallyUsed() throws IOException, InterruptedException {
    try (TestMachine machine =
            new TestMachine(List.of(new PageRange(256, 2256)), 5, TestMachine.Fill.TEXT);
        MemoryStore first = new MemoryStore(16 << 20);
        MemoryStore second = new MemoryStore(16 << 20)) {
      ImageHeader best = machine.hibernate(first, TestMachine.size(1));
      ImageHeader fast =
          machine.hibernate(second, TestMachine.size(1).withCodec(new Codec.OfLz4(5000)));
      assertThat(fast.body().orElseThrow().imageBytes())
          .isGreaterThan(best.body().orElseThrow().imageBytes());
      assertComesBack(machine, second, fast, TestMachine.size(2));
    }
  }

  @Test
  void whatWaitsForTheStoreIsCompressed() throws IOException, InterruptedException {
    PipelineSize usual = PipelineSize.of(2);
    try (TestMachine machine =
            new TestMachine(List.of(new PageRange(256, 8448)), 5, TestMachine.Fill.TEXT);
        MemoryStore quick = new MemoryStore(64 << 20);
        MemoryStore slow = new MemoryStore(64 << 20)) {
      slow.takeAtLeast(Duration.ofMillis(50));
      long raw =
          imageBytes(
              machine.hibernate(quick, usual.withCompression(PipelineSize.Compression.NEVER)));
      ImageHeader written = machine.hibernate(slow, usual);
      assertThat(raw).isGreaterThan(machine.inUse().count() * 4096);
      assertThat(imageBytes(written)).isLessThan(raw * 3 / 4);
      assertComesBack(machine, slow, written, usual);
    }
  }

  @Test
  void zstdTakesHalfTheRoomOfLz4WhereNothingRepeats() throws IOException, InterruptedException {
    long last = Long.MAX_VALUE;
    for (Codec codec : List.of(new Codec.OfLz4(1), new Codec.OfZstd(1))) {
      try (TestMachine machine =
              new TestMachine(List.of(new PageRange(256, 1256)), 5, TestMachine.Fill.LETTERS);
          MemoryStore store = new MemoryStore(16 << 20)) {
        PipelineSize size = TestMachine.size(2).withCodec(codec);
        ImageHeader written = machine.hibernate(store, size);
        assertComesBack(machine, store, written, size);
        assertThat(imageBytes(written)).as("%s", codec).isLessThan(last);
        last = imageBytes(written) * 2 / 3;
      }
    }
  }

  @Property(tries = 40)
  void pagesAreReadInAnyOrder(
      @ForAll("extents") List<PageRange> extents,
      @ForAll("kinds") Set<TestMachine.Fill> kinds,
      @ForAll long seed,
      @ForAll("codecs") Codec codec)
      throws IOException, InterruptedException {
    try (TestMachine machine =
            new TestMachine(extents, seed, kinds.toArray(TestMachine.Fill[]::new));
        MemoryStore store =
            new MemoryStore(ImageWriter.worstCaseBytes(TestMachine.files(), machine.ramPages()))) {
      machine.hibernate(store, TestMachine.size(2).withCodec(codec));
      Random random = new Random(seed);
      try (ImagePages pages = ImageReader.open(store).pages();
          Arena arena = Arena.ofConfined()) {
        long limit = pages.saved().limit() + 1;
        assertThat(pages.saved().count() + pages.zero().count()).isEqualTo(machine.inUse().count());
        for (int i = 0; i < 200; i++) {
          long start = random.nextLong(limit);
          PageRange some = new PageRange(start, Math.min(limit, start + random.nextInt(1, 300)));
          MemorySegment target = arena.allocate(some.bytes()).fill((byte) 1);
          pages.read(some, target);
          for (long pfn = some.start(); pfn < some.end(); pfn++) {
            MemorySegment read = target.asSlice(Pages.address(pfn - some.start()), Pages.SIZE);
            if (machine.inUse().limit() > pfn && machine.inUse().contains(pfn)) {
              assertThat(read.mismatch(machine.page(pfn))).isEqualTo(-1);
            } else {
              assertThat(read.mismatch(ZEROS)).isEqualTo(-1);
            }
          }
        }
      }
    }
  }

  /**
   * More windows than are kept, over and over: their memory is used again, and what it held does
   * not show through where a page is in no chunk.
   */
  @Test
  void windowsThatWereGivenUpAreReadAgain() throws IOException, InterruptedException {
    List<PageRange> extents = List.of(new PageRange(0, 64L * WindowPages.COUNT));
    try (TestMachine machine =
            new TestMachine(
                extents, 5, TestMachine.Fill.RANDOM, TestMachine.Fill.FREE, TestMachine.Fill.ZERO);
        MemoryStore store =
            new MemoryStore(ImageWriter.worstCaseBytes(TestMachine.files(), machine.ramPages()))) {
      machine.hibernate(store, TestMachine.size(2));
      try (ImagePages pages = ImageReader.open(store).pages()) {
        List<Long> order = new ArrayList<>();
        for (int round = 0; round < 3; round++) {
          LongStream.range(0, 64).forEach(order::add);
        }
        Collections.shuffle(order, new Random(5));
        // In order too: then each has been given up when its turn comes again.
        LongStream.range(0, 128).map(i -> i % 64).forEach(order::add);
        for (long window : order) {
          assertWindow(machine, pages, window * WindowPages.COUNT);
        }
      }
    }
  }

  private static void assertWindow(TestMachine machine, ImagePages pages, long window)
      throws IOException {
    MemorySegment read = MemorySegment.ofArray(new byte[WindowPages.BYTES]);
    pages.read(new PageRange(window, window + WindowPages.COUNT), read);
    for (long pfn = window; pfn < window + WindowPages.COUNT; pfn++) {
      MemorySegment page = read.asSlice(Pages.address(pfn - window), Pages.SIZE);
      MemorySegment expected = machine.inUse().contains(pfn) ? machine.page(pfn) : ZEROS;
      assertThat(page.mismatch(expected)).as("page %d", pfn).isEqualTo(-1);
    }
  }

  private static long imageBytes(ImageHeader header) {
    return header.body().orElseThrow().imageBytes();
  }

  @Test
  void progressCountsWhatWasDone() throws IOException, InterruptedException {
    ImageProgress writing = new ImageProgress();
    ImageProgress reading = new ImageProgress();
    try (TestMachine machine = TestMachine.mixed();
        MemoryStore store = new MemoryStore(8 << 20);
        TestMachine restored = machine.nonsense()) {
      ImageBody body;
      try (ImageWriter writer = begin(machine, store, writing)) {
        writer.save(machine, machine.inUse());
        body = machine.finish(writer).body().orElseThrow();
      }
      assertThat(writing.pagesSeen()).isEqualTo(machine.inUse().count());
      assertThat(writing.pagesMoved()).isEqualTo(body.savedPages());
      assertThat(writing.storeBytes())
          .isPositive()
          .isLessThan(body.imageBytes())
          .isGreaterThanOrEqualTo(body.imageBytes() - body.lastIndexSegment().length());
      assertThat(writing.time(ImageProgress.Stage.COMPRESS)).isPositive();
      ImageReader.open(store).plan(machine.ram()).restore(restored, TestMachine.size(2), reading);
      assertThat(reading.pagesMoved()).isEqualTo(machine.inUse().count());
      assertThat(reading.chunks()).isEqualTo(body.chunkCount());
      assertThat(reading.storeBytes()).isEqualTo(writing.storeBytes());
      assertThat(reading.time(ImageProgress.Stage.DECOMPRESS)).isPositive();
    }
  }

  @Test
  void framesThatCannotBeReachedEndTheWork() throws IOException, InterruptedException {
    try (TestMachine machine = TestMachine.mixed();
        MemoryStore store = new MemoryStore(8 << 20);
        TestMachine restored = machine.nonsense()) {
      try (ImageWriter writer = begin(machine, store, new ImageProgress())) {
        assertThatThrownBy(() -> writer.save(failing(machine, 1), machine.inUse()))
            .isInstanceOf(IOException.class)
            .hasMessage("no frame");
      }
      assertThat(machine.openLeases()).isZero();
      assertThat(Image.header(store).state()).isEqualTo(ImageState.EMPTY);

      machine.hibernate(store, TestMachine.size(2));
      assertThatThrownBy(
              () ->
                  ImageReader.open(store)
                      .plan(machine.ram())
                      .restore(failing(restored, 1), TestMachine.size(2), new ImageProgress()))
          .isInstanceOf(IOException.class)
          .hasMessage("no frame");
      assertThat(restored.openLeases()).isZero();
    }
  }

  /** Nobody may use memory that the one who was interrupted is about to free. */
  @Test
  void anInterruptedSaveLeavesNobodyAtWork() throws IOException, InterruptedException {
    try (TestMachine machine = TestMachine.incompressible();
        MemoryStore store = new MemoryStore(64 << 20)) {
      Thread saving = Thread.currentThread();
      AtomicInteger count = new AtomicInteger();
      Frames interrupting =
          frames -> {
            if (count.incrementAndGet() == 3) {
              saving.interrupt();
            }
            return machine.lease(frames);
          };
      try (ImageWriter writer = begin(machine, store, new ImageProgress())) {
        assertThatThrownBy(() -> writer.save(interrupting, machine.inUse()))
            .isInstanceOf(InterruptedException.class);
        assertThat(machine.openLeases()).isZero();
        int then = count.get();
        Thread.sleep(50);
        assertThat(count).hasValue(then);
      }
      assertThat(Image.header(store).state()).isEqualTo(ImageState.EMPTY);
    }
  }

  private static Frames failing(TestMachine machine, int leases) {
    AtomicInteger left = new AtomicInteger(leases);
    return frames -> {
      if (left.getAndDecrement() <= 0) {
        throw new IOException("no frame");
      }
      return machine.lease(frames);
    };
  }

  private static ImageWriter begin(TestMachine machine, Store store, ImageProgress progress)
      throws IOException {
    return ImageWriter.begin(store, machine.claim(store), TestMachine.size(2), progress);
  }

  private static void assertComesBack(
      TestMachine machine, Store store, ImageHeader written, PipelineSize size)
      throws IOException, InterruptedException {
    try (TestMachine restored = machine.nonsense()) {
      ImageReader reader = ImageReader.open(store);
      assertThat(reader.header()).isEqualTo(written);
      assertThat(reader.details()).isEqualTo(TestMachine.DETAILS);
      assertThat(reader.description())
          .isEqualTo(
              machine
                  .description(TestMachine.files())
                  .withJumpBackEntry(TestMachine.JUMP_BACK_ENTRY));
      reader.wake().saverFiles().verify(store);
      reader.verify(size, new ImageProgress());
      reader.plan(machine.ram()).restore(restored, size, new ImageProgress());
      assertThat(restored.openLeases()).isZero();
      assertThat(machine.openLeases()).isZero();
      PageSet ram = machine.ram();
      for (long pfn = ram.next(0); pfn < ram.limit(); pfn = ram.next(pfn + 1)) {
        if (machine.inUse().contains(pfn)) {
          assertThat(restored.page(pfn).mismatch(machine.page(pfn)))
              .as("page %d", pfn)
              .isEqualTo(-1);
        } else {
          assertThat(restored.page(pfn).get(ValueLayout.JAVA_BYTE, 77))
              .as("page %d is free and was not touched", pfn)
              .isEqualTo((byte) 0x5a);
        }
      }
      ImageBody body = written.body().orElseThrow();
      assertThat(body.zeroPages()).isEqualTo(machine.zeroPages());
      assertThat(body.savedPages() + body.zeroPages()).isEqualTo(machine.inUse().count());
      assertThat(body.freePages()).isEqualTo(machine.ramPages() - machine.inUse().count());
    }
  }

  @Provide
  Arbitrary<Set<TestMachine.Fill>> kinds() {
    return Arbitraries.of(TestMachine.Fill.class).set().ofMinSize(1);
  }

  @Provide
  Arbitrary<Codec> codecs() {
    return Arbitraries.oneOf(
        Arbitraries.integers().between(1, 9).map(Codec.OfLz4::new),
        Arbitraries.integers().between(1, 5).map(Codec.OfZstd::new));
  }

  /** Up to 5 extents of up to 900 pages, with holes of 0 to 600 pages, some far up. */
  @Provide
  Arbitrary<List<PageRange>> extents() {
    Arbitrary<Integer> lengths = Arbitraries.integers().between(1, 900);
    return lengths
        .list()
        .ofMinSize(1)
        .ofMaxSize(5)
        .flatMap(
            sizes ->
                Arbitraries.integers()
                    .between(1, 600)
                    .list()
                    .ofSize(sizes.size())
                    .map(holes -> extents(sizes, holes)));
  }

  private static List<PageRange> extents(List<Integer> sizes, List<Integer> holes) {
    List<PageRange> extents = new ArrayList<>();
    long pfn = 2;
    for (int i = 0; i < sizes.size(); i++) {
      pfn += holes.get(i);
      extents.add(new PageRange(pfn, pfn + sizes.get(i)));
      pfn += sizes.get(i);
      if (holes.get(i) % 7 == 0) {
        pfn += 1 << 20;
      }
    }
    return extents;
  }
}
