package org.dormouse.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.stream.LongStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class PageRangeTest {
  @Test
  void roundsInwardsOrOutwards() {
    assertThat(PageRange.within(0x1000, 0x9fc00)).isEqualTo(new PageRange(1, 0x9f));
    assertThat(PageRange.within(0x1001, 0x1fff).isEmpty()).isTrue();
    assertThat(PageRange.covering(0x1000, 0x9fc00)).isEqualTo(new PageRange(1, 0xa0));
    assertThat(PageRange.covering(0x1fff, 0x2001)).isEqualTo(new PageRange(1, 3));
    assertThat(PageRange.covering(0x1800, 0x1800).isEmpty()).isTrue();
  }

  @Test
  void refusesInvertedAndNegative() {
    assertThatIllegalArgumentException().isThrownBy(() -> new PageRange(2, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> new PageRange(-1, 1));
  }

  @Test
  void speaksLikeProcIomem() {
    assertThat(new PageRange(0x100, 0x200)).hasToString("[0x100000-0x1fffff]");
    assertThat(new PageRange(1, 1)).hasToString("[empty]");
  }

  @Property(tries = 500)
  void isTheSetOfItsPages(@ForAll("ranges") PageRange a, @ForAll("ranges") PageRange b) {
    assertThat(a.count()).isEqualTo(pages(a).count());
    assertThat(a.isEmpty()).isEqualTo(pages(a).findAny().isEmpty());
    assertThat(a.bytes()).isEqualTo(a.endAddress() - a.startAddress());
    assertThat(a.contains(b)).isEqualTo(pages(b).allMatch(a::contains));
    assertThat(a.overlaps(b)).isEqualTo(pages(b).anyMatch(a::contains));
    assertThat(pages(a.intersect(b)).toArray()).isEqualTo(pages(a).filter(b::contains).toArray());
    assertThat(Integer.signum(a.compareTo(b))).isEqualTo(-Integer.signum(b.compareTo(a)));
  }

  @Property(tries = 500)
  void withoutAHoleItHasItsOtherPagesInAtMostTwoPieces(
      @ForAll("ranges") PageRange range, @ForAll("ranges") PageRange hole) {
    List<PageRange> left = range.without(hole);
    assertThat(left).hasSizeLessThanOrEqualTo(2).noneMatch(PageRange::isEmpty).isSorted();
    assertThat(left.stream().flatMapToLong(PageRangeTest::pages).toArray())
        .isEqualTo(pages(range).filter(page -> !hole.contains(page)).toArray());
  }

  @Property(tries = 500)
  void aUnionHasThePagesOfAllInAsFewRangesAsCanBe(
      @ForAll @Size(max = 6) List<@From("ranges") PageRange> ranges) {
    List<PageRange> union = PageRange.union(ranges);
    assertThat(union.stream().flatMapToLong(PageRangeTest::pages).toArray())
        .isEqualTo(
            ranges.stream().flatMapToLong(PageRangeTest::pages).distinct().sorted().toArray());
    assertThat(union).noneMatch(PageRange::isEmpty);
    for (int i = 1; i < union.size(); i++) {
      assertThat(union.get(i).start()).isGreaterThan(union.get(i - 1).end());
    }
  }

  @Property(tries = 500)
  void withinAndCoveringAgreeWithEveryByte(
      @ForAll @LongRange(min = 0, max = 20_000) long start,
      @ForAll @LongRange(min = 0, max = 20_000) long length) {
    long end = start + length;
    PageRange within = PageRange.within(start, end);
    PageRange covering = PageRange.covering(start, end);
    for (long pfn = 0; pfn < 12; pfn++) {
      long first = Math.max(start, Pages.address(pfn));
      long last = Math.min(end, Pages.address(pfn + 1));
      assertThat(within.contains(pfn)).isEqualTo(last - first == Pages.SIZE);
      assertThat(covering.contains(pfn)).isEqualTo(last > first);
    }
  }

  @Provide
  Arbitrary<PageRange> ranges() {
    Arbitrary<Long> pfn = Arbitraries.longs().between(0, 20);
    return Combinators.combine(pfn, pfn)
        .as((a, b) -> new PageRange(Math.min(a, b), Math.max(a, b)));
  }

  private static LongStream pages(PageRange range) {
    return LongStream.range(range.start(), range.end());
  }
}
