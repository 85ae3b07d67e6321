package org.dormouse.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.dormouse.boot.PagingMode;
import org.dormouse.mailbox.Mailbox;
import org.dormouse.memory.FreePagePolicy;
import org.dormouse.memory.MemoryMap;
import org.dormouse.memory.MemoryMap.Kind;
import org.dormouse.memory.MemoryMap.Region;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;
import org.dormouse.text.KeyValues;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OriginalTest {
  private static final long MIB = 1 << 20;

  /** A machine as firmware describes it: RAM of odd sizes, with other things between. */
  @Provide
  Arbitrary<Original> originals() {
    Arbitrary<List<Region>> pieces =
        Combinators.combine(
                Arbitraries.of(Kind.class),
                Arbitraries.longs().between(0, 3 * MIB),
                Arbitraries.longs().between(1, 64 * MIB))
            .as(Piece::new)
            .list()
            .ofMaxSize(8)
            .map(OriginalTest::laidOut);
    return Combinators.combine(
            pieces,
            Arbitraries.longs().between(0, 0x3fff),
            Arbitraries.longs().between(1, 0x8000),
            Arbitraries.longs().between(0, 1L << 52),
            Arbitraries.of(PagingMode.class),
            Arbitraries.of(FreePagePolicy.class))
        .as(OriginalTest::original);
  }

  private record Piece(Kind kind, long gap, long bytes) {}

  private static List<Region> laidOut(List<Piece> pieces) {
    List<Region> regions = new ArrayList<>();
    regions.add(new Region(0, 0x9fc00, Kind.RAM));
    regions.add(new Region(0x9fc00, 0xa0000, Kind.RESERVED));
    long at = MIB;
    for (Piece piece : pieces) {
      long start = at + piece.gap();
      at = start + piece.bytes();
      regions.add(new Region(start, at, piece.kind()));
    }
    long large = Pages.alignUp(at, MIB);
    regions.add(new Region(large, large + 64 * MIB, Kind.RAM));
    return regions;
  }

  private static Original original(
      List<Region> regions,
      long offset,
      long pages,
      long note,
      PagingMode paging,
      FreePagePolicy policy) {
    Region large = regions.getLast();
    long start = large.pages().start() + offset;
    PageRange region = new PageRange(start, Math.min(start + pages, large.pages().end()));
    return new Original(new MemoryMap(regions), region, note, 4096, paging, policy);
  }

  @Property(tries = 300)
  void survivesBeingLines(@ForAll("originals") Original original) {
    assertThat(Original.of(KeyValues.parse(original.lines().toString()))).isEqualTo(original);
  }

  @Property(tries = 300)
  void everyPageOfRamButTheFirstIsEitherInItsPlaceOrSwappedOut(
      @ForAll("originals") Original original) {
    List<PageRange> all = new ArrayList<>(original.visible());
    all.addAll(original.swapped());
    for (int i = 0; i < all.size(); i++) {
      PageRange range = all.get(i);
      assertThat(range.isEmpty()).isFalse();
      assertThat(range.contains(0L)).isFalse();
      assertThat(original.map().ram()).anyMatch(ram -> ram.contains(range));
      assertThat(all.subList(i + 1, all.size())).noneMatch(range::overlaps);
    }
    long firstPage = original.map().ram().stream().anyMatch(ram -> ram.contains(0L)) ? 1 : 0;
    assertThat(all.stream().mapToLong(PageRange::count).sum())
        .isEqualTo(original.map().ramPages() - firstPage);
    assertThat(original.swapped()).endsWith(original.region());
  }

  @Test
  void whatASaverHoldsIsWhatIsSwappedOutAndTheMailbox() {
    Original original = small(new PageRange(0x1000, 0x2000));
    assertThat(original.heldBytes())
        .isEqualTo(Pages.address(0x1000) + Pages.address(0x9e) + Mailbox.BYTES);
  }

  @ParameterizedTest
  @CsvSource({"0x1000,0x1000", "0x10,0x20", "0x3fff,0x4001", "0x9000,0x9100"})
  void aRegionThatIsNotInRamAboveLowMemoryIsRefused(String start, String end) {
    PageRange region = new PageRange(Long.decode(start), Long.decode(end));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> small(region))
        .withMessageContaining("not in RAM");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "map=0x0 0x1000",
        "map=0 4096 RAM",
        "map=0x0 0x1000 MILK",
        "map=0x1000 0x0 RAM",
        "region=0x1000000",
        "region=0x1000000 zero",
        "paging_levels=3",
        "free_pages=SOME",
        "vmcoreinfo=here"
      })
  void linesThatMakeNoSenseAreRefused(String line) {
    KeyValues lines = small(new PageRange(0x1000, 0x2000)).lines();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Original.of(KeyValues.parse(lines + line)));
  }

  /** Once a set of its pages was allocated, of 128 TiB. */
  @Test
  void memoryBeyondThatOfAnyProcessorIsRefused() {
    KeyValues lines = small(new PageRange(0x1000, 0x2000)).lines();
    KeyValues most = lines.with("map", "0x100000000 0x10000000000000 RAM");
    assertThat(Original.of(most).pageSetBytes()).isEqualTo(1L << 37);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Original.of(lines.with("map", "0x100000000 0x10000000001000 RAM")))
        .withMessageContaining("cannot be");
  }

  private static Original small(PageRange region) {
    return new Original(
        new MemoryMap(
            List.of(new Region(0, 0x9fc00, Kind.RAM), new Region(MIB, 64 * MIB, Kind.RAM))),
        region,
        0,
        0,
        PagingMode.FOUR_LEVEL,
        FreePagePolicy.ANY);
  }
}
