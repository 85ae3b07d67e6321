package org.dormouse.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.dormouse.memory.MemoryMap.Kind;
import org.dormouse.memory.MemoryMap.Region;
import org.junit.jupiter.api.Test;

class MemoryMapTest {
  @Test
  void aSmallPersonalComputer() {
    MemoryMap map =
        new MemoryMap(
            List.of(
                new Region(0x100000, 0x3ffdd000, Kind.RAM),
                new Region(0x1000, 0x9fc00, Kind.RAM),
                new Region(0x9fc00, 0xa0000, Kind.RESERVED),
                new Region(0x3ffdd000, 0x40000000, Kind.RESERVED)));

    assertThat(map.ram()).containsExactly(new PageRange(1, 0x9f), new PageRange(0x100, 0x3ffdd));
    assertThat(map.ramPages()).isEqualTo(0x9e + 0x3fedd);
    assertThat(map.limit()).isEqualTo(0x3ffdd);
    assertThat(map.canonical().lines())
        .containsExactly(
            "1000-9fc00 RAM",
            "9fc00-a0000 RESERVED",
            "100000-3ffdd000 RAM",
            "3ffdd000-40000000 RESERVED");
  }

  @Test
  void bootLoaderDataInTheMiddleOfAPageCostsNoPage() {
    MemoryMap split =
        new MemoryMap(
            List.of(
                new Region(0x100000, 0x2345678, Kind.RAM),
                new Region(0x2345678, 0x2345698, Kind.RAM),
                new Region(0x2345698, 0x8000000, Kind.RAM)));

    assertThat(split).isEqualTo(new MemoryMap(List.of(new Region(0x100000, 0x8000000, Kind.RAM))));
    assertThat(split.ram()).containsExactly(new PageRange(0x100, 0x8000));
  }

  @Test
  void refusesOverlaps() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new MemoryMap(
                    List.of(
                        new Region(0x1000, 0x3001, Kind.RAM),
                        new Region(0x3000, 0x4000, Kind.RESERVED))))
        .withMessageContaining("overlap");
    assertThatIllegalArgumentException().isThrownBy(() -> new Region(5, 5, Kind.RAM));
  }

  @Test
  void noMemoryAtAll() {
    assertThat(new MemoryMap(List.of()).limit()).isZero();
    assertThat(new MemoryMap(List.of()).ram()).isEmpty();
  }

  @Property(tries = 200)
  void ramIsThePagesThatAreRamInEveryByte(
      @ForAll long seed, @ForAll @IntRange(min = 0, max = 12) int count) {
    Random random = new Random(seed);
    List<Region> regions = randomRegions(random, count);
    MemoryMap map = new MemoryMap(shuffled(regions, random));

    assertThat(map).isEqualTo(new MemoryMap(regions));
    assertThat(map.canonical()).isEqualTo(new MemoryMap(regions).canonical());
    long pages = 0;
    for (long pfn = 0; pfn < map.limit() + 5; pfn++) {
      PageRange page = new PageRange(pfn, pfn + 1);
      long ramBytes =
          regions.stream()
              .filter(region -> region.kind() == Kind.RAM)
              .mapToLong(
                  region ->
                      Math.max(
                          0,
                          Math.min(region.end(), page.endAddress())
                              - Math.max(region.start(), page.startAddress())))
              .sum();
      boolean isRam = map.ram().stream().anyMatch(range -> range.contains(page));
      assertThat(isRam).isEqualTo(ramBytes == Pages.SIZE);
      pages += isRam ? 1 : 0;
    }
    assertThat(map.ramPages()).isEqualTo(pages);
  }

  private static List<Region> randomRegions(Random random, int count) {
    List<Region> regions = new ArrayList<>();
    long at = 0;
    for (int i = 0; i < count; i++) {
      at += random.nextBoolean() ? 0 : random.nextInt(10_000);
      long end = at + 1 + random.nextInt(50_000);
      regions.add(new Region(at, end, random.nextInt(3) == 0 ? Kind.RESERVED : Kind.RAM));
      at = end;
    }
    return regions;
  }

  private static List<Region> shuffled(List<Region> regions, Random random) {
    List<Region> shuffled = new ArrayList<>(regions);
    Collections.shuffle(shuffled, random);
    return shuffled;
  }
}
