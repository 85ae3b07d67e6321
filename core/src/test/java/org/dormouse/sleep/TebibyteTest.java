package org.dormouse.sleep;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;
import org.junit.jupiter.api.Test;

/** A machine with 1 TiB of RAM: its plan takes seconds, and memory in the order of its bitmaps. */
class TebibyteTest {
  private static final long LIMIT = Pages.pfn(1L << 40);
  private static final long LARGE = Pages.pfn(Pages.LARGE_SIZE);
  private static final long CHUNK = 256;
  private static final long BASE = 0x7000_0000_0000L;
  private static final PageRange REGION = new PageRange(1 << 16, (1 << 16) + (1 << 15));
  private static final PlacementPlan.Memory REST =
      new PlacementPlan.Memory(
          List.of(new PageRange(1, LIMIT)),
          List.of(new PageRange(0, 0x9f), REGION),
          List.of(new PageRange(REGION.start(), REGION.start() + 32)));

  private final Random random = new Random(1);

  @Test
  void isPlannedInSecondsAndInTheOrderOfItsBitmaps() throws PlacementException {
    try (Arena shared = Arena.ofShared()) {
      LockedPages locked = locked(shared);
      PageSet image = image(shared);
      PageSet lockedSet = locked.pages(shared, LIMIT);
      CountingArena counting = new CountingArena(shared);

      long start = System.nanoTime();
      PlacementPlan plan = PlacementPlan.of(counting, image, lockedSet, REST);
      MemorySegment scratch = shared.allocate(Pages.SIZE, Pages.SIZE);
      plan.copyList().write(_ -> scratch);
      Duration planned = Duration.ofNanos(System.nanoTime() - start);

      PlacementPlan.Counts counts = plan.counts();
      assertThat(planned).isLessThan(Duration.ofSeconds(20));
      assertThat(counting.bytes)
          .isLessThanOrEqualTo(PlacementPlan.bytesFor(LIMIT))
          .isLessThan(4 * LIMIT / Byte.SIZE);
      assertThat(counts.image()).isEqualTo(image.count());
      assertThat(counts.parked()).isGreaterThan(500_000);
      assertThat(counts.listPages()).isGreaterThan(1_000);
      assertThat(seekRandomChunks(plan.cursor(locked), image)).isLessThan(Duration.ofSeconds(10));
    }
  }

  /**
   * Large pages, nearly all of them; one in a hundred is 4 KiB pages, some of which are missing.
   */
  private LockedPages locked(Arena arena) {
    LockedPages.Builder builder = LockedPages.builder(arena);
    long address = BASE;
    for (long pfn = LIMIT - LARGE; pfn > 0; pfn -= LARGE) {
      if (random.nextInt(100) > 0) {
        builder.append(address, pfn, LARGE);
        address += Pages.LARGE_SIZE;
        continue;
      }
      for (long small = pfn; small < pfn + LARGE; small++) {
        if (random.nextInt(3) > 0) {
          builder.append(address, small, 1);
          address += Pages.SIZE;
        }
      }
    }
    return builder.build();
  }

  /** Nine tenths of memory in pieces of up to 16 MiB. */
  private PageSet image(Arena arena) {
    PageSet image = PageSet.empty(arena, LIMIT);
    for (long pfn = 0x100; pfn < LIMIT; ) {
      long end = Math.min(LIMIT, pfn + 1 + random.nextInt(4096));
      if (random.nextInt(10) > 0) {
        image.add(new PageRange(pfn, end));
      }
      pfn = end;
    }
    image.remove(REGION);
    return image;
  }

  /** Seeks through a hundred thousand chunks, 100 GiB of image, anywhere. */
  private Duration seekRandomChunks(PlacementCursor cursor, PageSet image) {
    long start = System.nanoTime();
    for (int i = 0; i < 100_000; i++) {
      long pfn = random.nextLong(LIMIT - CHUNK);
      long end = pfn + CHUNK;
      for (pfn = image.next(pfn); pfn < end; pfn = image.next(pfn + cursor.pages())) {
        cursor.seek(pfn, end - pfn);
      }
    }
    return Duration.ofNanos(System.nanoTime() - start);
  }

  /** Counts what is allocated from another arena. */
  private static final class CountingArena implements Arena {
    private final Arena arena;
    private long bytes;

    CountingArena(Arena arena) {
      this.arena = arena;
    }

    @Override
    public MemorySegment allocate(long byteSize, long byteAlignment) {
      bytes += byteSize;
      return arena.allocate(byteSize, byteAlignment);
    }

    @Override
    public MemorySegment.Scope scope() {
      return arena.scope();
    }

    @Override
    public void close() {
      arena.close();
    }
  }
}
