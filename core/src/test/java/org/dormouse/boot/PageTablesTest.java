package org.dormouse.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.dormouse.memory.PageRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PageTablesTest {
  private static final long PIB_PAGES = 1L << 33; // 2^45 bytes: both modes have them
  private static final long APIC = 0xfee00000L;

  @Property(tries = 300)
  void whatIsNamedIsMappedToItselfAndNothingNextToIt(
      @ForAll PagingMode mode,
      @ForAll @LongRange(min = 1, max = PIB_PAGES) long start,
      @ForAll @LongRange(min = 1, max = 5000) long count,
      @ForAll @LongRange(min = 1, max = PIB_PAGES) long page,
      @ForAll @LongRange(max = 1L << 32) long basePage) {
    PageRange range = new PageRange(start, start + count);
    PageRange other = new PageRange(page, page + 1);
    if (range.overlaps(other)
        || range.overlaps(PageTables.LOCAL_APIC)
        || other.overlaps(PageTables.LOCAL_APIC)) {
      return;
    }
    List<PageRange> ranges = List.of(range, other);
    byte[] tables = PageTables.identity(mode, ranges, basePage << 12);
    assertThat(tables.length).isEqualTo(PageTables.pages(mode, ranges) * 4096);
    Translation translation = new Translation(mode, MemorySegment.ofArray(tables), basePage << 12);
    for (long each = start; each < start + count; each++) {
      assertThat(translation.maps(each << 12)).isTrue();
    }
    assertThat(translation.maps(other.startAddress() + 4095)).isTrue();
    assertThat(translation.maps(range.endAddress())).isEqualTo(other.contains(range.end()));
    assertThat(translation.maps(range.startAddress() - 1))
        .isEqualTo(other.contains(range.start() - 1));
  }

  @ParameterizedTest
  @EnumSource
  void theLocalApicIsAlwaysThereAndUncached(PagingMode mode) {
    byte[] tables = PageTables.identity(mode, List.of(), 0x1000000);
    Translation translation = new Translation(mode, MemorySegment.ofArray(tables), 0x1000000);
    assertThat(translation.leaf(APIC).getAsLong() & 0xfff).isEqualTo(0x7b);
    assertThat(translation.maps(APIC - 1)).isFalse();
    assertThat(translation.maps(APIC + 4096)).isFalse();
  }

  @Test
  void twoMebibytesAreOneEntryAndMoreIsNeverMapped() {
    PageRange range = new PageRange(0x1ff, 0x401);
    byte[] tables = PageTables.identity(PagingMode.FOUR_LEVEL, List.of(range), 0x1000000);
    Translation translation =
        new Translation(PagingMode.FOUR_LEVEL, MemorySegment.ofArray(tables), 0x1000000);
    assertThat(translation.leaf(0x1ff000).getAsLong()).isEqualTo(0x1ff063);
    assertThat(translation.leaf(0x234567).getAsLong()).isEqualTo(0x2000e3);
    assertThat(translation.leaf(0x400000).getAsLong()).isEqualTo(0x400063);
    // The root, one table for 512 GiB, two for the two GiB, three for the three 2 MiB.
    assertThat(tables).hasSize(7 * 4096);
  }

  @Test
  void aHandfulOfPagesMapsARegionOfAnySize() {
    PageRange region = new PageRange(0x1000, 1 << 19);
    assertThat(PageTables.pages(PagingMode.FIVE_LEVEL, List.of(region))).isLessThan(10);
  }

  @ParameterizedTest
  @EnumSource
  void theMostIsReachedWherePagesLieAcrossAllBoundaries(PagingMode mode) {
    long boundary = 1L << (PageTables.rootShift(mode) - 12);
    List<PageRange> ranges = List.of(new PageRange(boundary - 1, boundary + 1));
    long empty = PageTables.pages(mode, List.of());
    assertThat(PageTables.pages(mode, ranges))
        .as("one of the tables below the root is the APIC's too")
        .isEqualTo(empty + PageTables.most(mode, 1) - 1);
  }

  @Test
  void whatCannotBeMappedIsRefused() {
    assertThatThrownBy(
            () ->
                PageTables.identity(
                    PagingMode.FOUR_LEVEL, List.of(new PageRange(1L << 34, (1L << 35) + 1)), 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () ->
                PageTables.identity(
                    PagingMode.FOUR_LEVEL, List.of(new PageRange(0xfee00, 0xfee01)), 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> PageTables.identity(PagingMode.FOUR_LEVEL, List.of(), 0x10))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
