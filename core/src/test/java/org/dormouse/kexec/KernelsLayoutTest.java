package org.dormouse.kexec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.statistics.Statistics;
import org.dormouse.boot.BzImage;
import org.dormouse.boot.E820;
import org.dormouse.boot.FakeKernel;
import org.dormouse.boot.PagingMode;
import org.dormouse.boot.Stub;
import org.dormouse.linux.Kexec.Segment;
import org.dormouse.memory.MemoryMap;
import org.dormouse.memory.PageRange;
import org.junit.jupiter.api.Test;

class KernelsLayoutTest {
  private static final BzImage KERNEL = FakeKernel.kernel();
  private static final long PAGES = (32L << 20) / 4096;
  private static final long TABLE = 0x1_2345_6000L;

  @Provide
  Arbitrary<MemoryMap> machines() {
    return Arbitraries.oneOf(Machines.upTo(600L << 20), Machines.upTo(1L << 40));
  }

  @Property(tries = 300)
  void everyKernelHasMemoryOfItsOwn(
      @ForAll("machines") MemoryMap map,
      @ForAll @IntRange(min = 1, max = 5) int kernels,
      @ForAll PagingMode paging) {
    try {
      KernelsLayout layout = KernelsLayout.plan(request(map, regions(map, kernels), paging));
      assertThat(layout.kernels()).hasSize(kernels);
      checkImage(layout, map);
      checkMemory(layout, map);
      Statistics.collect("planned");
    } catch (KexecPlanException e) {
      assertThat(e)
          .hasMessageMatching(
              ".*(at most half|too many pieces|kexec segments|below 640 KiB|below 1 MiB|no place).*");
      Statistics.collect("refused");
    }
    Statistics.coverage(seen -> seen.check("planned").percentage(part -> part > 20));
  }

  private static void checkImage(KernelsLayout layout, MemoryMap map) {
    List<Segment> segments = layout.image().segments();
    assertThat(segments).hasSizeLessThanOrEqualTo(16);
    assertThat(layout.image().entry()).isEqualTo(layout.dispatcher());
    PageRange first = segments.getFirst().destination();
    assertThat(first.startAddress()).isEqualTo(layout.dispatcher());
    assertThat(segments.getFirst().content().toArray(ValueLayout.JAVA_BYTE))
        .isEqualTo(new Stub.Dispatch(TABLE).bytes());
    List<PageRange> loaded = segments.stream().map(Segment::destination).toList();
    List<PageRange> expected = new ArrayList<>(KernelsLayout.lowMemory(map));
    layout.kernels().stream().map(KernelsLayoutTest::region).forEach(expected::add);
    assertThat(PageRange.union(loaded)).isEqualTo(PageRange.union(expected));
  }

  /** What one kernel takes for RAM is no other's, is not the dispatcher's, and is swapped out. */
  private static void checkMemory(KernelsLayout layout, MemoryMap map) {
    List<PageRange> all = new ArrayList<>();
    for (SaverLayout kernel : layout.kernels()) {
      List<PageRange> ram =
          kernel.memory().stream()
              .filter(entry -> entry.type() == E820.Type.RAM)
              .map(entry -> PageRange.covering(entry.start(), entry.end()))
              .toList();
      assertThat(ram).contains(region(kernel));
      assertThat(
              ram.stream().filter(range -> range.end() <= 0xa0).mapToLong(PageRange::count).sum())
          .isGreaterThanOrEqualTo(KernelsLayout.LEAST_SHARE);
      all.addAll(ram);
    }
    assertThat(PageRange.union(all).stream().mapToLong(PageRange::count).sum())
        .as("disjoint")
        .isEqualTo(all.stream().mapToLong(PageRange::count).sum());
    assertThat(all).noneMatch(range -> range.contains(layout.dispatcher() >>> 12));
    for (PageRange range : all) {
      assertThat(layout.image().segments())
          .as("%s of %s", range, map)
          .anyMatch(
              segment ->
                  segment.destination().overlaps(range)
                      && (range.end() > 0xa0 || segment.destination().contains(range)));
    }
  }

  @Test
  void eachGoesBackForGoodSoThatTheOthersCanStillBeEntered() throws KexecPlanException {
    KernelsLayout layout =
        KernelsLayout.plan(
            request(Machines.q35(), regions(Machines.q35(), 3), PagingMode.FIVE_LEVEL));
    for (SaverLayout kernel : layout.kernels()) {
      byte[] archive = kernel.image().segments().get(3).content().toArray(ValueLayout.JAVA_BYTE);
      byte[] wayBack =
          new Stub.JumpBack(
                  new Stub.Tables(0, PagingMode.FIVE_LEVEL, 0),
                  new Stub.Return.ForGood(layout.dispatcher()),
                  0)
              .bytes();
      byte[] words = java.util.Arrays.copyOfRange(wayBack, 40, 64);
      assertThat(indexOf(archive, words)).as("manner, word and entry").isNotNegative();
    }
  }

  private static int indexOf(byte[] all, byte[] part) {
    for (int at = 0; at + part.length <= all.length; at++) {
      if (java.util.Arrays.equals(all, at, at + part.length, part, 0, part.length)) {
        return at;
      }
    }
    return -1;
  }

  @Test
  void threeKernelsWithAnInitramfsFitAndFourDoNot() throws KexecPlanException {
    MemoryMap map = Machines.q35();
    assertThat(
            KernelsLayout.plan(request(map, regions(map, 3), PagingMode.FOUR_LEVEL))
                .image()
                .segments())
        .hasSize(13);
    assertThatThrownBy(
            () -> KernelsLayout.plan(request(map, regions(map, 4), PagingMode.FOUR_LEVEL)))
        .isInstanceOf(KexecPlanException.class)
        .hasMessageContaining("17 kexec segments, and 16 are allowed");
  }

  @Test
  void twoInTheSamePlaceAreRefused() {
    PageRange region = new PageRange(0x4000, 0x6000);
    assertThatThrownBy(
            () ->
                KernelsLayout.plan(
                    request(Machines.q35(), List.of(region, region), PagingMode.FOUR_LEVEL)))
        .isInstanceOf(KexecPlanException.class)
        .hasMessageContaining("same memory");
  }

  @Test
  void lowMemoryIsSharedAndItsFirst64KiBAreNobodys() throws KexecPlanException {
    assertThat(KernelsLayout.shares(Machines.q35(), 3))
        .containsExactly(
            new PageRange(0x10, 0x3f), new PageRange(0x3f, 0x6e), new PageRange(0x6e, 0x9d));
    assertThatThrownBy(() -> KernelsLayout.shares(Machines.q35(), 9))
        .isInstanceOf(KexecPlanException.class)
        .hasMessageContaining("each of 9 kernels needs 65,536 bytes of RAM below 640 KiB");
  }

  private static PageRange region(SaverLayout kernel) {
    return new PageRange(kernel.addresses().stub().start(), kernel.addresses().initramfs().end());
  }

  /** As many as there is room for, one behind the other; overlapping none. */
  private static List<PageRange> regions(MemoryMap map, int count) throws KexecPlanException {
    List<PageRange> regions = new ArrayList<>();
    for (PageRange ram : map.ram()) {
      long start = Math.max(0x1000, (ram.start() + 511) / 512 * 512);
      while (regions.size() < count
          && start + PAGES <= Math.min(ram.end(), RegionChoice.LIMIT / 4096)) {
        regions.add(new PageRange(start, start + PAGES));
        start += PAGES + 512;
      }
    }
    if (regions.size() < count) {
      throw KexecPlanException.of("no place");
    }
    return regions;
  }

  private static KernelsLayout.Request request(
      MemoryMap map, List<PageRange> regions, PagingMode paging) {
    return new KernelsLayout.Request(
        map,
        map.ramPages() * 95 / 100,
        TABLE,
        OptionalLong.empty(),
        MemorySegment.NULL,
        paging,
        regions.stream()
            .map(
                region ->
                    new KernelsLayout.Kernel(
                        region, KERNEL, Arena.ofAuto().allocate(5000), List.of("quiet")))
            .toList());
  }
}
