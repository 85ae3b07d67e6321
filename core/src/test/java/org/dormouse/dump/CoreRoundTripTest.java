package org.dormouse.dump;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;
import org.dormouse.dump.CoreDescription.Load;
import org.dormouse.memory.Frames;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;

/** What is written in either format is what is read again. */
class CoreRoundTripTest {
  private Path folder;

  @BeforeProperty
  void makeFolder() throws IOException {
    folder = Files.createTempDirectory("dormouse-cores-");
  }

  @AfterProperty
  void deleteFolder() throws IOException {
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }

  @Property(tries = 40)
  void kdumpHoldsEveryPageAndNoOther(
      @ForAll("memories") SmallMemory memory,
      @ForAll KdumpWriter.Compression compression,
      @ForAll @IntRange(min = 1, max = 5) int threads)
      throws Exception {
    CoreDescription description = new CoreDescription(List.of(), SmallMemory.NOTES);
    Path path = folder.resolve("kdump");
    AtomicLong pages = new AtomicLong();
    KdumpWriter.write(
        memory.contents(description),
        path,
        new KdumpWriter.Options(compression, threads, 0),
        pages::addAndGet);

    assertThat(KdumpFile.isKdump(path)).isTrue();
    assertThat(ElfCoreFile.isElf(path)).isFalse();
    assertThat(pages).hasValue(memory.stored.count() + memory.zero.count());
    if (pages.get() == 0) {
      assertThatThrownBy(() -> KdumpFile.open(path)).hasMessageContaining("no page of memory");
    } else {
      try (KdumpFile file = KdumpFile.open(path)) {
        assertThat(file.description()).isEqualTo(description);
        isTheSame(file, memory);
        leftOutIsRefused(file, memory);
      }
    }
    Files.delete(path);
  }

  @Property(tries = 10)
  void kdumpIsTheSameWhoeverWritesIt(@ForAll("memories") SmallMemory memory) throws Exception {
    CoreContents contents = memory.contents(CoreDescription.none());
    Path alone = folder.resolve("alone");
    Path together = folder.resolve("together");
    KdumpWriter.Compression zlib = KdumpWriter.Compression.ZLIB;
    KdumpWriter.write(contents, alone, new KdumpWriter.Options(zlib, 1, 31), pages -> {});
    KdumpWriter.write(contents, together, new KdumpWriter.Options(zlib, 4, 31), pages -> {});

    assertThat(Files.mismatch(alone, together)).isEqualTo(-1);
    Files.delete(alone);
    Files.delete(together);
  }

  @Property(tries = 40)
  void elfHoldsEveryPageAndNoOther(
      @ForAll("memories") SmallMemory memory, @ForAll @IntRange(min = 1, max = 5) int threads)
      throws Exception {
    Path path = folder.resolve("elf");
    AtomicLong pages = new AtomicLong();
    ElfCoreWriter.write(
        memory.contents(new CoreDescription(List.of(), SmallMemory.NOTES)),
        path,
        threads,
        pages::addAndGet);

    assertThat(ElfCoreFile.isElf(path)).isTrue();
    assertThat(KdumpFile.isKdump(path)).isFalse();
    assertThat(pages).hasValue(memory.stored.count() + memory.zero.count());
    if (pages.get() == 0) {
      assertThatThrownBy(() -> ElfCoreFile.open(path)).hasMessageContaining("no whole page");
    } else {
      try (ElfCoreFile file = ElfCoreFile.open(path)) {
        assertThat(file.description().notes()).isEqualTo(SmallMemory.NOTES);
        assertThat(bytes(file.description().loads())).isEqualTo(bytes(memory));
        isTheSame(file, memory);
      }
    }
    Files.delete(path);
  }

  private static long bytes(List<Load> loads) {
    return loads.stream().mapToLong(Load::bytes).sum();
  }

  private static long bytes(SmallMemory memory) {
    return memory.ram.stream().mapToLong(PageRange::bytes).sum();
  }

  private static void isTheSame(CoreFile file, SmallMemory memory) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      long limit = memory.ram.getLast().end();
      PageSet ram = PageSet.of(arena, limit, file.ram());
      CoreFile.Presence presence = file.presence(arena);
      for (PageRange range : memory.ram) {
        assertThat(ram.countIn(range)).isEqualTo(range.count());
        ram.remove(range);
      }
      assertThat(ram.isEmpty()).isTrue();
      for (long pfn = 0; pfn < limit; pfn++) {
        boolean stored = presence.stored().contains(pfn);
        boolean zero = presence.zero().contains(pfn);
        assertThat(stored && zero).as("page %d is in both sets", pfn).isFalse();
        assertThat(stored || zero).as("page %d", pfn).isEqualTo(memory.isPresent(pfn));
        assertThat(!zero || isZero(memory.page(pfn))).as("page %d is zero", pfn).isTrue();
      }
      runsAreTheSame(file, memory, presence.stored());
      runsAreTheSame(file, memory, presence.zero());
    }
  }

  /** In leases that are long, and in leases of a page. */
  private static void runsAreTheSame(CoreFile file, SmallMemory memory, PageSet pages)
      throws IOException {
    PageRange run = inWindow(pages.nextRun(0));
    for (; !run.isEmpty(); run = inWindow(pages.nextRun(run.end()))) {
      try (Frames.Lease lease = file.frames().lease(run)) {
        for (long pfn = run.start(); pfn < run.end(); pfn++) {
          MemorySegment page = lease.memory().asSlice(Pages.address(pfn - run.start()), Pages.SIZE);
          assertThat(page.mismatch(memory.page(pfn))).as("page %d", pfn).isEqualTo(-1);
        }
      }
      PageRange last = new PageRange(run.end() - 1, run.end());
      try (Frames.Lease lease = file.frames().lease(last)) {
        assertThat(lease.memory().mismatch(memory.page(last.start()))).isEqualTo(-1);
      }
    }
  }

  private static PageRange inWindow(PageRange run) {
    long window = Pages.alignDown(run.start(), Frames.WINDOW_PAGES);
    return run.intersect(new PageRange(run.start(), window + Frames.WINDOW_PAGES));
  }

  private static void leftOutIsRefused(CoreFile file, SmallMemory memory) {
    for (PageRange range : memory.ram) {
      for (long pfn = range.start(); pfn < range.end(); pfn++) {
        if (!memory.isPresent(pfn)) {
          PageRange page = new PageRange(pfn, pfn + 1);
          assertThatThrownBy(() -> file.frames().lease(page)).hasMessageContaining("without");
          break;
        }
      }
    }
  }

  private static boolean isZero(MemorySegment page) {
    return page.mismatch(MemorySegment.ofArray(new byte[Pages.SIZE])) == -1;
  }

  @Provide
  Arbitrary<SmallMemory> memories() {
    Arbitrary<List<PageRange>> ranges =
        Combinators.combine(
                Arbitraries.longs().between(0, 300),
                Arbitraries.longs().between(1, 3000),
                Arbitraries.longs().between(1, 40_000),
                Arbitraries.longs().between(1, 3000))
            .as(SmallMemory::ranges);
    return Combinators.combine(
            ranges, Arbitraries.of(0, 10, 60, 100), Arbitraries.longs().between(0, 1 << 20))
        .as(SmallMemory::new);
  }
}
