package org.dormouse.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.dormouse.memory.Frames;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;
import org.junit.jupiter.api.Test;

/** A machine of 1 TiB, little of it in use, page by page and byte by byte. */
class TebibyteTest {
  private static final long TEBIBYTE_PAGES = 1L << 28;

  @Test
  void whatIsInUseComesBackOutOfSeveralSegments() throws IOException, InterruptedException {
    try (Arena arena = Arena.ofShared();
        MemoryStore store = new MemoryStore(64 << 20)) {
      PageSet inUse = scattered(arena);
      PageSet ram = PageSet.empty(arena, TEBIBYTE_PAGES);
      ram.add(new PageRange(2, TEBIBYTE_PAGES));
      ImageHeader claimed;
      try (TestMachine machine = TestMachine.mixed()) {
        claimed = machine.claim(store);
      }
      ImageBody body;
      try (ImageWriter writer =
          ImageWriter.begin(store, claimed, TestMachine.size(2), new ImageProgress())) {
        writer.save(new Pattern(), inUse);
        body = writer.finish(0x1000, TEBIBYTE_PAGES - 2 - inUse.count(), "").body().orElseThrow();
      }
      assertThat(body.savedPages() + body.zeroPages()).isEqualTo(inUse.count());
      assertThat(body.zeroPages()).isGreaterThan(1000);
      assertThat(body.chunkCount()).isGreaterThan(2L * IndexSegment.MOST_ENTRIES);

      Checked checked = new Checked(inUse);
      ImageReader.open(store).plan(ram).restore(checked, TestMachine.size(2), new ImageProgress());
      assertThat(checked.filled.get()).isEqualTo(inUse.count());

      try (Arena confined = Arena.ofConfined()) {
        IndexReader index =
            new IndexReader(
                confined, store, body, TestMachine.files().dataOffset(), new IndexGuard.None());
        assertThat(index.advance()).isTrue();
        StoredBytes before = index.before();
        assertThat(before.length()).isEqualTo(IndexSegment.MOST_BYTES);
        store.flip(before.offset() + 999_999, 5);
        assertThat(
                catchThrowableOfType(
                        ImageFormatException.class,
                        () ->
                            ImageReader.open(store)
                                .verify(TestMachine.size(1), new ImageProgress()))
                    .damage())
            .isEqualTo(Damage.INDEX_DAMAGED);
      }
    }
  }

  /** Single pages all over the place, and a few long runs. */
  private static PageSet scattered(Arena arena) {
    Random random = new Random(11);
    PageSet pages = PageSet.empty(arena, TEBIBYTE_PAGES);
    for (int i = 0; i < 36_000; i++) {
      pages.add(2 + random.nextLong(TEBIBYTE_PAGES - 2));
    }
    for (int i = 0; i < 10; i++) {
      long start = 2 + random.nextLong(TEBIBYTE_PAGES - 2000);
      pages.add(new PageRange(start, start + 1 + random.nextInt(1500)));
    }
    pages.add(TEBIBYTE_PAGES - 1);
    return pages;
  }

  /** Every seventh page is zero; of the others each word is made of the page's number. */
  private static long word(long pfn, long index) {
    return pfn % 7 == 0 ? 0 : pfn * 0x9e3779b97f4a7c15L + index / 64;
  }

  private static void fill(MemorySegment memory, long pfn) {
    for (long i = 0; i < memory.byteSize() / Long.BYTES; i++) {
      memory.setAtIndex(ValueLayout.JAVA_LONG, i, word(pfn + i / 512, i % 512));
    }
  }

  /** Frames that are made when they are asked for. */
  private static final class Pattern implements Frames {
    @Override
    public Lease lease(PageRange frames) {
      Arena arena = Arena.ofConfined();
      MemorySegment memory = arena.allocate(frames.bytes(), Pages.SIZE);
      fill(memory, frames.start());
      return lease(arena, memory, () -> {});
    }

    static Lease lease(Arena arena, MemorySegment memory, Runnable atEnd) {
      return new Lease() {
        @Override
        public MemorySegment memory() {
          return memory;
        }

        @Override
        public void close() {
          atEnd.run();
          arena.close();
        }
      };
    }
  }

  /**
   * Frames whose contents are compared when they are given back: those in use with what they were,
   * those in between with the nonsense that they were lent with.
   */
  private static final class Checked implements Frames {
    private static final byte NONSENSE = 0x5a;

    private final PageSet inUse;
    final AtomicLong filled = new AtomicLong();

    Checked(PageSet inUse) {
      this.inUse = inUse;
    }

    @Override
    public Lease lease(PageRange frames) {
      Arena arena = Arena.ofConfined();
      MemorySegment memory = arena.allocate(frames.bytes(), Pages.SIZE).fill(NONSENSE);
      return Pattern.lease(arena, memory, () -> check(frames, memory));
    }

    /** A window may be lent twice, once for what is zero and once for the rest. */
    private void check(PageRange frames, MemorySegment memory) {
      for (long pfn = frames.start(); pfn < frames.end(); pfn++) {
        MemorySegment page = memory.asSlice(Pages.address(pfn - frames.start()), Pages.SIZE);
        if (isNonsense(page)) {
          continue;
        }
        if (!inUse.contains(pfn)) {
          throw new AssertionError("page " + pfn + " was not in the image");
        }
        for (long i = 0; i < 512; i++) {
          if (page.getAtIndex(ValueLayout.JAVA_LONG, i) != word(pfn, i)) {
            throw new AssertionError("page " + pfn + ", word " + i);
          }
        }
        filled.incrementAndGet();
      }
    }

    private static boolean isNonsense(MemorySegment page) {
      return page.get(ValueLayout.JAVA_BYTE, 0) == NONSENSE
          && page.asSlice(1).mismatch(page.asSlice(0, Pages.SIZE - 1)) == -1;
    }
  }
}
