package org.dormouse.kexec;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.LongStream;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.dormouse.boot.BzImage;
import org.dormouse.boot.FakeKernel;
import org.dormouse.kexec.RegionChoice.Pageflags;
import org.dormouse.kexec.RegionChoice.Place;
import org.dormouse.kexec.RegionChoice.Start;
import org.dormouse.memory.MemoryMap;
import org.dormouse.memory.MemoryMap.Kind;
import org.dormouse.memory.MemoryMap.Region;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

class RegionChoiceTest {
  private static final long BLOCK = 512;
  private static final BzImage KERNEL = FakeKernel.kernel(); // prefers 16 MiB

  @Provide
  Arbitrary<MemoryMap> smallMachines() {
    return Machines.upTo(400L << 20);
  }

  @Provide
  Arbitrary<MemoryMap> machines() {
    return Machines.upTo(1L << 40);
  }

  @Property(tries = 200)
  void isTheDirectPlaceOrTheBestOfAllPlaces(
      @ForAll("smallMachines") MemoryMap map,
      @ForAll @IntRange(min = 1, max = 20_000) int pages,
      @ForAll long seed) {
    Random random = new Random(seed);
    try (Arena arena = Arena.ofConfined()) {
      Pageflags flags =
          new Pageflags(
              somePages(arena, random, map.limit(), 400),
              somePages(arena, random, map.limit(), 400),
              somePages(arena, random, map.limit(), 3));
      assertThat(RegionChoice.choose(map, KERNEL, flags, pages))
          .isEqualTo(byTrying(map, flags, Math.ceilDiv(pages, BLOCK) * BLOCK));
    }
  }

  @Property(tries = 200)
  void isAlignedInRamBelow4GAndNotPoisoned(
      @ForAll("machines") MemoryMap map,
      @ForAll @LongRange(min = 1, max = 1 << 21) long pages,
      @ForAll long seed) {
    Random random = new Random(seed);
    try (Arena arena = Arena.ofConfined()) {
      long limit = Math.min(map.limit(), 1L << 20);
      PageSet barred = somePages(arena, random, limit, 3);
      Pageflags flags =
          new Pageflags(
              somePages(arena, random, limit, 50), somePages(arena, random, limit, 50), barred);
      RegionChoice.choose(map, KERNEL, flags, pages)
          .map(Place::region)
          .ifPresent(
              region -> {
                assertThat(region.start() % BLOCK).isZero();
                assertThat(region.count()).isEqualTo(Math.ceilDiv(pages, BLOCK) * BLOCK);
                assertThat(region.startAddress()).isGreaterThanOrEqualTo(16L << 20);
                assertThat(region.endAddress()).isLessThanOrEqualTo(4L << 30);
                assertThat(map.ram()).anyMatch(ram -> ram.contains(region));
                assertThat(barred.countIn(region)).isZero();
              });
    }
  }

  @Test
  void isWhereABootLoaderPutsTheKernelHoweverManyPagesAreInUseThere() {
    try (Arena arena = Arena.ofConfined()) {
      PageSet none = PageSet.empty(arena, 0);
      PageSet elsewhere = PageSet.of(arena, 1 << 20, List.of(new PageRange(0x5000, 0x9000)));
      assertThat(
              RegionChoice.choose(
                  Machines.q35(), KERNEL, new Pageflags(none, elsewhere, none), 1000))
          .hasValue(new Place(new PageRange(0x1000, 0x1400), Start.DIRECT));
    }
  }

  @Test
  void aPoisonedPageMovesItToPageCacheAndThenToMemoryThatIsFree() {
    try (Arena arena = Arena.ofConfined()) {
      PageSet barred = PageSet.of(arena, 1 << 20, List.of(new PageRange(0x1234, 0x1235)));
      PageSet free = PageSet.of(arena, 1 << 20, List.of(new PageRange(0x3000, 0x5000)));
      PageSet lru = PageSet.of(arena, 1 << 20, List.of(new PageRange(0x5000, 0x6000)));
      PageSet none = PageSet.empty(arena, 0);
      assertThat(
              RegionChoice.choose(Machines.q35(), KERNEL, new Pageflags(free, lru, barred), 1000))
          .hasValue(new Place(new PageRange(0x5000, 0x5400), Start.THROUGH_KEXEC));
      assertThat(
              RegionChoice.choose(Machines.q35(), KERNEL, new Pageflags(free, none, barred), 1000))
          .hasValue(new Place(new PageRange(0x3000, 0x3400), Start.THROUGH_KEXEC));
    }
  }

  @Test
  void thereIsNoPlaceForMoreThanThereIs() {
    try (Arena arena = Arena.ofConfined()) {
      PageSet none = PageSet.empty(arena, 0);
      Pageflags flags = new Pageflags(none, none, none);
      assertThat(RegionChoice.choose(Machines.q35(), KERNEL, flags, 1 << 19)).isEmpty();
      assertThat(RegionChoice.choose(Machines.q35(), KERNEL, flags, Long.MAX_VALUE / 8192))
          .isEmpty();
    }
  }

  @Test
  void isQuickOnATebibyteThatIsAllFree() {
    MemoryMap map =
        new MemoryMap(
            List.of(
                new Region(32 << 20, 3L << 30, Kind.RAM),
                new Region(4L << 30, 1L << 40, Kind.RAM)));
    try (Arena arena = Arena.ofConfined()) {
      PageSet none = PageSet.empty(arena, 0);
      Pageflags flags = new Pageflags(PageSet.of(arena, map.limit(), map.ram()), none, none);
      Assertions.assertTimeout(
          Duration.ofSeconds(2), () -> RegionChoice.choose(map, KERNEL, flags, 40_000));
    }
  }

  private static Optional<Place> byTrying(MemoryMap map, Pageflags flags, long pages) {
    List<PageRange> places =
        LongStream.iterate(4096, start -> start + pages <= 1 << 20, start -> start + BLOCK)
            .mapToObj(start -> new PageRange(start, start + pages))
            .filter(window -> map.ram().stream().anyMatch(ram -> ram.contains(window)))
            .filter(window -> flags.barred().countIn(window) == 0)
            .toList();
    PageRange direct = new PageRange(4096, 4096 + pages);
    return places.contains(direct)
        ? Optional.of(new Place(direct, Start.DIRECT))
        : places.stream()
            .min(
                Comparator.comparingLong(
                        (PageRange window) ->
                            window.count()
                                - flags.free().countIn(window)
                                - flags.lru().countIn(window))
                    .thenComparingLong(window -> flags.free().countIn(window))
                    .thenComparing(Comparator.naturalOrder()))
            .map(region -> new Place(region, Start.THROUGH_KEXEC));
  }

  private static PageSet somePages(Arena arena, Random random, long limit, int runs) {
    return PageSet.of(arena, limit, someRanges(random, limit, random.nextInt(runs)));
  }

  private static List<PageRange> someRanges(Random random, long limit, int count) {
    List<PageRange> ranges = new ArrayList<>();
    for (int i = 0; i < count && limit > 0; i++) {
      long start = random.nextLong(limit);
      ranges.add(new PageRange(start, Math.min(limit, start + random.nextInt(3000))));
    }
    return ranges;
  }
}
