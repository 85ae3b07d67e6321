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
import org.dormouse.memory.MemoryMap;
import org.dormouse.memory.MemoryMap.Kind;
import org.dormouse.memory.MemoryMap.Region;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

class RegionChoiceTest {
  private static final long BLOCK = 512;

  @Provide
  Arbitrary<MemoryMap> smallMachines() {
    return Machines.upTo(400L << 20);
  }

  @Provide
  Arbitrary<MemoryMap> machines() {
    return Machines.upTo(1L << 40);
  }

  @Property(tries = 200)
  void isTheBestOfAllPlaces(
      @ForAll("smallMachines") MemoryMap map,
      @ForAll @IntRange(min = 1, max = 20_000) int pages,
      @ForAll long seed) {
    Random random = new Random(seed);
    try (Arena arena = Arena.ofConfined()) {
      PageSet free = somePages(arena, random, map.limit(), 400);
      List<PageRange> avoid = someRanges(random, map.limit(), 4);
      assertThat(RegionChoice.choose(map, avoid, free, pages))
          .isEqualTo(bestByTrying(map, avoid, free, Math.ceilDiv(pages, BLOCK) * BLOCK));
    }
  }

  @Property(tries = 200)
  void isAlignedInRamBelow4GAndClearOfWhatIsToBeAvoided(
      @ForAll("machines") MemoryMap map,
      @ForAll @LongRange(min = 1, max = 1 << 21) long pages,
      @ForAll long seed) {
    Random random = new Random(seed);
    try (Arena arena = Arena.ofConfined()) {
      PageSet free = somePages(arena, random, Math.min(map.limit(), 1L << 20), 50);
      List<PageRange> avoid = someRanges(random, Math.min(map.limit(), 1L << 20), 3);
      Optional<PageRange> chosen = RegionChoice.choose(map, avoid, free, pages);
      chosen.ifPresent(
          region -> {
            assertThat(region.start() % BLOCK).isZero();
            assertThat(region.count()).isEqualTo(Math.ceilDiv(pages, BLOCK) * BLOCK);
            assertThat(region.startAddress()).isGreaterThanOrEqualTo(16L << 20);
            assertThat(region.endAddress()).isLessThanOrEqualTo(4L << 30);
            assertThat(map.ram()).anyMatch(ram -> ram.contains(region));
            assertThat(avoid).noneMatch(region::overlaps);
          });
    }
  }

  @Test
  void prefersMemoryInUseAndThenTheLowest() {
    MemoryMap map = Machines.q35();
    try (Arena arena = Arena.ofConfined()) {
      PageSet free = PageSet.empty(arena, map.limit());
      assertThat(RegionChoice.choose(map, List.of(), free, 1000))
          .hasValue(new PageRange(0x1000, 0x1400));
      free.add(new PageRange(0x1000, 0x5000));
      assertThat(RegionChoice.choose(map, List.of(), free, 1000))
          .hasValue(new PageRange(0x5000, 0x5400));
    }
  }

  @Test
  void thereIsNoPlaceForMoreThanThereIs() {
    try (Arena arena = Arena.ofConfined()) {
      PageSet free = PageSet.empty(arena, 1 << 20);
      assertThat(RegionChoice.choose(Machines.q35(), List.of(), free, 1 << 19)).isEmpty();
      assertThat(RegionChoice.choose(Machines.q35(), List.of(), free, Long.MAX_VALUE / 8192))
          .isEmpty();
    }
  }

  @Test
  void isQuickOnATebibyteThatIsAllFree() {
    MemoryMap map =
        new MemoryMap(
            List.of(
                new Region(1 << 20, 3L << 30, Kind.RAM), new Region(4L << 30, 1L << 40, Kind.RAM)));
    try (Arena arena = Arena.ofConfined()) {
      PageSet free = PageSet.of(arena, map.limit(), map.ram());
      Assertions.assertTimeout(
          Duration.ofSeconds(2), () -> RegionChoice.choose(map, List.of(), free, 40_000));
    }
  }

  private static Optional<PageRange> bestByTrying(
      MemoryMap map, List<PageRange> avoid, PageSet free, long pages) {
    return LongStream.iterate(4096, start -> start + pages <= 1 << 20, start -> start + BLOCK)
        .mapToObj(start -> new PageRange(start, start + pages))
        .filter(window -> map.ram().stream().anyMatch(ram -> ram.contains(window)))
        .filter(window -> avoid.stream().noneMatch(window::overlaps))
        .min(
            Comparator.comparingLong((PageRange window) -> freePages(free, window))
                .thenComparing(Comparator.naturalOrder()));
  }

  private static long freePages(PageSet free, PageRange window) {
    return LongStream.range(window.start(), window.end()).filter(free::contains).count();
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
