package org.dormouse.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.store.BlockStore;
import org.dormouse.store.Store;
import org.junit.jupiter.api.Test;

class ImageRoundTripTest {
  @Property(tries = 60)
  void whatWasSavedComesBack(
      @ForAll("extents") List<PageRange> extents,
      @ForAll("kinds") Set<TestMachine.Fill> kinds,
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 3) int workers,
      @ForAll @IntRange(min = 1, max = 600) int stride)
      throws IOException, InterruptedException {
    try (TestMachine machine =
            new TestMachine(extents, seed, kinds.toArray(TestMachine.Fill[]::new));
        MemoryStore store = new MemoryStore(ImageWriter.worstCaseBytes(machine.ramPages()))) {
      ImageHeader written = machine.hibernate(store, PipelineSize.of(workers), 1024);
      assertComesBack(machine, store, written, PipelineSize.of(workers), stride);
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
        ImageHeader written = machine.hibernate(store, PipelineSize.of(2), 16384);
        assertComesBack(machine, store, written, PipelineSize.of(2), 2048);
      }
    } finally {
      Files.delete(path);
    }
  }

  @Test
  void aMachineOfZerosHasAnImageWithoutChunks() throws IOException, InterruptedException {
    try (TestMachine machine =
            new TestMachine(List.of(new PageRange(0, 5000)), 1, TestMachine.Fill.ZERO);
        MemoryStore store = new MemoryStore(8192)) {
      ImageHeader written = machine.hibernate(store, PipelineSize.of(1), 16384);
      assertThat(written.body().chunkCount()).isZero();
      assertComesBack(machine, store, written, PipelineSize.of(1), 10);
    }
  }

  @Test
  void theSameMemoryGivesTheSameImageWithOneWorker() throws IOException, InterruptedException {
    try (TestMachine machine = TestMachine.mixed();
        MemoryStore first = new MemoryStore(8 << 20);
        MemoryStore second = new MemoryStore(8 << 20)) {
      machine.hibernate(first, PipelineSize.of(1), 16384);
      machine.hibernate(second, PipelineSize.of(1), 16384);
      assertThat(second.contents()).isEqualTo(first.contents());
    }
  }

  @Test
  void progressCountsWhatWasDone() throws IOException, InterruptedException {
    ImageProgress writing = new ImageProgress();
    ImageProgress reading = new ImageProgress();
    try (TestMachine machine = TestMachine.mixed();
        MemoryStore store = new MemoryStore(8 << 20);
        Arena arena = Arena.ofShared()) {
      ImageHeader header;
      try (ImageWriter writer =
          ImageWriter.begin(
              store, machine.origin(), TestMachine.WAY_BACK, PipelineSize.of(2), writing)) {
        machine.saveAll(writer, 16384);
        header = writer.finish();
      }
      assertThat(writing.pagesSeen()).isEqualTo(machine.ramPages());
      assertThat(writing.pagesMoved()).isEqualTo(header.body().savedPages());
      assertThat(writing.chunks()).isEqualTo(header.body().chunkCount());
      assertThat(writing.storeBytes()).isEqualTo(header.body().dataLength());
      assertThat(writing.time(ImageProgress.Stage.COMPRESS)).isPositive();
      try (ImageReader reader = ImageReader.open(store)) {
        reader.restore(new ScatteredSink(arena, 64), PipelineSize.of(2), reading);
      }
      assertThat(reading.pagesMoved()).isEqualTo(header.body().savedPages());
      assertThat(reading.storeBytes()).isEqualTo(header.body().dataLength());
      assertThat(reading.time(ImageProgress.Stage.DECOMPRESS)).isPositive();
    }
  }

  private static void assertComesBack(
      TestMachine machine, Store store, ImageHeader written, PipelineSize size, long stride)
      throws IOException, InterruptedException {
    try (Arena arena = Arena.ofShared();
        ImageReader reader = ImageReader.open(store)) {
      assertThat(reader.header()).isEqualTo(written);
      assertThat(reader.header().origin()).isEqualTo(machine.origin());
      assertThat(reader.limit()).isLessThanOrEqualTo(machine.limit());
      PageSet pages = reader.pages(arena, machine.limit());
      ScatteredSink sink = new ScatteredSink(arena, stride);
      reader.restore(sink, size, new ImageProgress());
      reader.verify(size, new ImageProgress());
      long zero = 0;
      for (PageRange extent : machine.extents()) {
        for (long pfn = extent.start(); pfn < extent.end(); pfn++) {
          zero += machine.isZero(pfn) ? 1 : 0;
          assertThat(pages.contains(pfn)).isNotEqualTo(machine.isZero(pfn));
          if (pages.contains(pfn)) {
            assertThat(sink.page(pfn).mismatch(machine.page(pfn))).isEqualTo(-1);
          }
        }
      }
      assertThat(pages.count()).isEqualTo(machine.ramPages() - zero);
      assertThat(reader.header().body().savedPages()).isEqualTo(pages.count());
    }
  }

  @Provide
  Arbitrary<Set<TestMachine.Fill>> kinds() {
    return Arbitraries.of(TestMachine.Fill.class).set().ofMinSize(1);
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
                    .between(0, 600)
                    .list()
                    .ofSize(sizes.size())
                    .map(holes -> extents(sizes, holes)));
  }

  private static List<PageRange> extents(List<Integer> sizes, List<Integer> holes) {
    List<PageRange> extents = new ArrayList<>();
    long pfn = 0;
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
