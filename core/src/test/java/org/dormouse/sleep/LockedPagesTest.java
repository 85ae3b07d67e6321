package org.dormouse.sleep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class LockedPagesTest {
  private static final long BASE = 0x7f00_0000_0000L;

  private final Arena arena = Arena.ofAuto();

  @Test
  void joinsWhatContinuesBothWays() {
    LockedPages locked =
        LockedPages.builder(arena)
            .append(BASE, 100, 2)
            .append(BASE + 0x2000, 102, 3) // continues
            .append(BASE + 0x5000, 50, 1) // other frames
            .append(BASE + 0x7000, 51, 1) // a hole in between
            .build();

    assertThat(locked.extents()).isEqualTo(3);
    assertThat(locked.count()).isEqualTo(7);
    assertThat(locked.limit()).isEqualTo(105);
    assertThat(locked.addressOf(104)).isEqualTo(BASE + 0x4000);
    assertThat(locked.addressOf(51)).isEqualTo(BASE + 0x7000);
    assertThat(locked.runFrom(101, 256)).isEqualTo(4);
    assertThat(locked.runFrom(101, 2)).isEqualTo(2);
    assertThat(locked.runFrom(50, 256)).isEqualTo(1);
    assertThat(locked.runFrom(49, 256)).isZero();
    assertThat(locked.contains(105)).isFalse();
  }

  @Test
  void thereIsNoAddressForAPageThatIsNotLocked() {
    LockedPages locked = LockedPages.builder(arena).append(BASE, 100, 2).build();
    for (long pfn : new long[] {0, 99, 102, 1L << 40}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> locked.addressOf(pfn))
          .withMessageContaining(pfn + " is not locked");
    }
  }

  @Test
  void nothingLocked() {
    LockedPages none = LockedPages.builder(arena).build();
    assertThat(none.count()).isZero();
    assertThat(none.limit()).isZero();
    assertThat(none.runFrom(1, 1)).isZero();
    assertThat(none.sameAs(LockedPages.builder(arena).build())).isTrue();
  }

  @Test
  void theSharedZeroPageIsNotOurs() {
    LockedPages.Builder builder =
        LockedPages.builder(arena).append(BASE, 7, 1).append(BASE + 0x1000, 7, 1);
    assertThatIllegalArgumentException()
        .isThrownBy(builder::build)
        .withMessageContaining("page 7 is at two addresses");
  }

  @Test
  void refusesHiddenFramesAndCrookedAddresses() {
    LockedPages.Builder builder = LockedPages.builder(arena);
    assertThatIllegalArgumentException().isThrownBy(() -> builder.append(BASE, 0, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.append(BASE + 1, 1, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.append(BASE, 1, 0));
  }

  @Test
  void countsThePagesThatMoved() {
    LockedPages before =
        LockedPages.builder(arena).append(BASE, 100, 10).append(BASE + 0x100000, 300, 5).build();
    LockedPages after =
        LockedPages.builder(arena)
            .append(BASE, 100, 4)
            .append(BASE + 0x4000, 200, 1) // was 104
            .append(BASE + 0x5000, 105, 5)
            .append(BASE + 0x100000, 300, 2) // 3 pages are gone
            .build();

    assertThat(before.movedBy(after)).isEqualTo(4);
    assertThat(before.sameAs(after)).isFalse();
    assertThat(before.movedBy(before)).isZero();
    assertThat(before.sameAs(before)).isTrue();
  }

  @Test
  void twoFramesThatChangedPlacesHaveMoved() {
    LockedPages before =
        LockedPages.builder(arena).append(BASE, 9, 1).append(BASE + 0x1000, 5, 1).build();
    LockedPages after =
        LockedPages.builder(arena).append(BASE, 5, 1).append(BASE + 0x1000, 9, 1).build();
    assertThat(before.movedBy(after)).isEqualTo(2);
  }

  @Property(tries = 100)
  void isAMapFromFrameToAddress(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 3_000) int count) {
    Random random = new Random(seed);
    NavigableMap<Long, Long> model = randomModel(random, count);
    LockedPages locked = locked(model);
    PageSet pages = locked.pages(arena, 5_000);

    assertThat(locked.count()).isEqualTo(model.size());
    for (long pfn = 0; pfn < 10_100; pfn++) {
      assertThat(locked.contains(pfn)).isEqualTo(model.containsKey(pfn));
      assertThat(pages.contains(pfn)).isEqualTo(pfn < 5_000 && model.containsKey(pfn));
      if (model.containsKey(pfn)) {
        assertThat(locked.addressOf(pfn)).isEqualTo(model.get(pfn));
        assertThat(locked.runFrom(pfn, 256)).isEqualTo(run(model, pfn, 256));
      }
    }
  }

  @Property(tries = 100)
  void movedPagesAreThoseAtAnotherAddress(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 3_000) int count) {
    Random random = new Random(seed);
    NavigableMap<Long, Long> before = randomModel(random, count);
    TreeMap<Long, Long> after = new TreeMap<>(before);
    for (int i = random.nextInt(20); i > 0; i--) {
      Long pfn = before.floorKey(1 + random.nextLong(10_000));
      if (pfn != null) {
        after.remove(pfn);
        after.putIfAbsent(1 + random.nextLong(10_000), before.get(pfn));
      }
    }
    long moved =
        before.entrySet().stream()
            .filter(entry -> !entry.getValue().equals(after.get(entry.getKey())))
            .count();

    assertThat(locked(before).movedBy(locked(after))).isEqualTo(moved);
    assertThat(locked(before).sameAs(locked(after))).isEqualTo(before.equals(after));
  }

  @Test
  @Timeout(20)
  void millionsOfExtentsSortInSeconds() {
    int count = 3_000_000;
    LockedPages.Builder builder = LockedPages.builder(arena);
    // An odd multiplier modulo a power of two permutes the numbers below it.
    for (long i = 0; i < count; i++) {
      builder.append(BASE + Pages.address(2 * i), 1 + ((i * 2_654_435_761L) & 0x7f_ffff), 1);
    }
    long start = System.nanoTime();
    LockedPages locked = builder.build();
    Duration took = Duration.ofNanos(System.nanoTime() - start);

    assertThat(locked.extents()).isEqualTo(count);
    for (long i = 0; i < count; i += 997) {
      assertThat(locked.addressOf(1 + ((i * 2_654_435_761L) & 0x7f_ffff)))
          .isEqualTo(BASE + Pages.address(2 * i));
    }
    assertThat(took).isLessThan(Duration.ofSeconds(10));
  }

  /** Frames to addresses: stretches of each, some of which continue each other. */
  private static NavigableMap<Long, Long> randomModel(Random random, int count) {
    NavigableMap<Long, Long> model = new TreeMap<>();
    long address = BASE;
    long pfn = 1;
    for (int i = 0; i < count; i++) {
      if (random.nextInt(8) == 0) {
        pfn = 1 + random.nextLong(10_000);
      }
      if (random.nextInt(20) == 0) {
        address += Pages.address(random.nextInt(5));
      }
      if (model.putIfAbsent(pfn, address) == null) {
        address += Pages.SIZE;
      }
      pfn++;
    }
    return model;
  }

  private LockedPages locked(Map<Long, Long> model) {
    LockedPages.Builder builder = LockedPages.builder(arena);
    model.entrySet().stream()
        .sorted(Map.Entry.comparingByValue())
        .forEach(entry -> builder.append(entry.getValue(), entry.getKey(), 1));
    return builder.build();
  }

  private static long run(Map<Long, Long> model, long pfn, long max) {
    long run = 1;
    while (run < max && model.getOrDefault(pfn + run, -1L) == model.get(pfn) + Pages.address(run)) {
      run++;
    }
    return run;
  }
}
