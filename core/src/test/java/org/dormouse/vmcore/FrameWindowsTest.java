package org.dormouse.vmcore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.dormouse.memory.Frames;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;
import org.junit.jupiter.api.Test;

/** Windows are few, and none goes away under a lease. */
class FrameWindowsTest {
  private static final long WINDOW = Frames.WINDOW_PAGES;
  private static final List<PageRange> RAM =
      List.of(new PageRange(0x100, 0x900), new PageRange(0x1800, 3 * WINDOW + 5));

  private final List<PageRange> mapped = new ArrayList<>();
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger most = new AtomicInteger();

  private final MemorySegment zeros = Arena.ofAuto().allocate(Pages.address(WINDOW));

  /** Memory of the right size, gone when it is unmapped. */
  private MemorySegment map(PageRange pages, Arena arena) {
    synchronized (mapped) {
      mapped.add(pages);
    }
    most.accumulateAndGet(open.incrementAndGet(), Math::max);
    return zeros.asSlice(0, pages.bytes()).reinterpret(arena, gone -> open.decrementAndGet());
  }

  @Test
  void windowsEndWhereRamEnds() throws IOException {
    try (FrameWindows windows = FrameWindows.over(RAM, 8, this::map)) {
      windows.lease(new PageRange(0x200, 0x300)).close();
      windows.lease(new PageRange(0x1900, 0x1901)).close();
      windows.lease(new PageRange(3 * WINDOW, 3 * WINDOW + 5)).close();
      assertThat(mapped)
          .containsExactly(
              new PageRange(0x100, 0x900),
              new PageRange(0x1800, WINDOW),
              new PageRange(3 * WINDOW, 3 * WINDOW + 5));
    }
    assertThat(open).hasValue(0);
  }

  @Test
  void aLeaseIsExactlyItsFrames() throws IOException {
    try (FrameWindows windows = FrameWindows.over(RAM, 1, this::map);
        Frames.Lease whole = windows.lease(new PageRange(0x1800, 0x1900));
        Frames.Lease part = windows.lease(new PageRange(0x1801, 0x1802))) {
      assertThat(part.memory().byteSize()).isEqualTo(Pages.SIZE);
      assertThat(part.memory().address()).isEqualTo(whole.memory().address() + Pages.SIZE);
      assertThat(mapped).hasSize(1);
    }
  }

  @Test
  void theOneNotUsedForLongestGoes() throws IOException {
    try (FrameWindows windows = FrameWindows.over(RAM, 2, this::map)) {
      for (long window : new long[] {1, 2, 1, 3, 1, 2}) {
        windows.lease(new PageRange(window * WINDOW, window * WINDOW + 1)).close();
      }
      assertThat(mapped.stream().map(range -> range.start() / WINDOW))
          .containsExactly(1L, 2L, 3L, 2L);
      assertThat(most).hasValue(2);
    }
  }

  @Test
  void ifAllAreLeasedOneMoreIsMappedForAWhile() throws IOException {
    FrameWindows windows = FrameWindows.over(RAM, 1, this::map);
    Frames.Lease first = windows.lease(new PageRange(WINDOW, WINDOW + 1));
    Frames.Lease second = windows.lease(new PageRange(2 * WINDOW, 2 * WINDOW + 1));
    assertThat(open).hasValue(2);
    first.close();
    first.close();
    assertThat(open).hasValue(1);
    windows.close();
    assertThat(open).as("leased").hasValue(1);
    assertThatThrownBy(() -> windows.lease(new PageRange(WINDOW, WINDOW + 1)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("closed");
    second.close();
    assertThat(open).hasValue(0);
  }

  @Test
  void whatCannotBeReachedIsNamed() {
    FrameWindows windows =
        FrameWindows.over(
            RAM,
            1,
            (pages, arena) -> {
              throw new IOException("map: operation not permitted");
            });
    assertThatThrownBy(() -> windows.lease(new PageRange(0x100, 0x101)))
        .isInstanceOf(IOException.class)
        .hasMessage("cannot reach frames [0x100000-0x8fffff]: map: operation not permitted");
    for (PageRange wrong :
        List.of(
            new PageRange(0, 1),
            new PageRange(0x8ff, 0x901),
            new PageRange(0x8ff, 0x1801),
            new PageRange(0x200, 0x200),
            new PageRange(WINDOW - 1, WINDOW + 1),
            new PageRange(1L << 50, (1L << 50) + 1))) {
      assertThatThrownBy(() -> windows.lease(wrong))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(wrong.toString());
    }
  }

  @Test
  void manyThreadsNeverSeeAWindowGoUnderThem() throws Exception {
    List<PageRange> ram = List.of(new PageRange(0, 6 * WINDOW));
    List<Future<Object>> jobs;
    try (FrameWindows windows = FrameWindows.over(ram, 2, this::map);
        ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Callable<Object>> tasks = new ArrayList<>();
      for (int seed = 0; seed < 4; seed++) {
        Random random = new Random(seed);
        tasks.add(
            () -> {
              for (int i = 0; i < 2000; i++) {
                long pfn = random.nextLong(6 * WINDOW - 1);
                try (Frames.Lease lease = windows.lease(new PageRange(pfn, pfn + 1))) {
                  assertThat(lease.memory().get(ValueLayout.JAVA_LONG, 0)).isZero();
                }
              }
              return "done";
            });
      }
      jobs = threads.invokeAll(tasks);
      for (Future<Object> job : jobs) {
        assertThat(job.get()).isEqualTo("done");
      }
      assertThat(open.get()).isLessThanOrEqualTo(2);
    }
    assertThat(open).hasValue(0);
    assertThat(most.get()).isLessThanOrEqualTo(6);
  }
}
