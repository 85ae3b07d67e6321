package org.dormouse.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.OptionalLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class PageTablesTest {
  private static final long TIB = 1L << 40;

  @Property(tries = 200)
  void everyAddressBelowTheLimitIsMappedToItself(
      @ForAll PagingMode mode,
      @ForAll LeafSize leaf,
      @ForAll @LongRange(min = 1, max = TIB) long limit,
      @ForAll @LongRange(max = 1L << 32) long basePage,
      @ForAll @LongRange(max = TIB) long anywhere) {
    long base = basePage << 12;
    byte[] tables = PageTables.identity(mode, leaf, limit, base);
    assertThat(tables.length).isEqualTo(PageTables.pagesNeeded(mode, leaf, limit) * 4096);
    for (long address : new long[] {0, limit - 1, anywhere % limit}) {
      assertThat(walk(mode, tables, base, address)).hasValue(address);
    }
  }

  @Property(tries = 200)
  void nothingIsMappedPastTheLastLeaf(
      @ForAll PagingMode mode,
      @ForAll LeafSize leaf,
      @ForAll @LongRange(min = 1, max = TIB) long limit,
      @ForAll @LongRange(max = TIB) long beyond) {
    byte[] tables = PageTables.identity(mode, leaf, limit, 0x1000000);
    long end = (limit + leaf.bytes() - 1) & -leaf.bytes();
    assertThat(walk(mode, tables, 0x1000000, end)).isEmpty();
    assertThat(walk(mode, tables, 0x1000000, end + beyond)).isEmpty();
  }

  @Test
  void sizes() {
    assertThat(PageTables.pagesNeeded(PagingMode.FOUR_LEVEL, LeafSize.HUGE, 4L << 30)).isEqualTo(2);
    assertThat(PageTables.pagesNeeded(PagingMode.FIVE_LEVEL, LeafSize.HUGE, 4L << 30)).isEqualTo(3);
    assertThat(PageTables.pagesNeeded(PagingMode.FOUR_LEVEL, LeafSize.LARGE, 4L << 30))
        .isEqualTo(6);
    assertThat(PageTables.pagesNeeded(PagingMode.FIVE_LEVEL, LeafSize.LARGE, TIB))
        .isEqualTo(1 + 1 + 2 + 1024);
  }

  @Test
  void whatCannotBeMappedIsRefused() {
    assertThatThrownBy(
            () -> PageTables.pagesNeeded(PagingMode.FOUR_LEVEL, LeafSize.HUGE, (1L << 47) + 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> PageTables.identity(PagingMode.FOUR_LEVEL, LeafSize.HUGE, 1, 0x10))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Translates like the processor: Intel SDM 3A, figures 4-8 to 4-10. */
  private static OptionalLong walk(PagingMode mode, byte[] tables, long base, long address) {
    ByteBuffer memory = ByteBuffer.wrap(tables).order(ByteOrder.LITTLE_ENDIAN);
    long table = base;
    for (int shift = mode == PagingMode.FIVE_LEVEL ? 48 : 39; ; shift -= 9) {
      long entry = memory.getLong((int) (table - base + ((address >>> shift) & 511) * 8));
      if ((entry & 1) == 0) {
        return OptionalLong.empty();
      }
      assertThat(entry & 2).as("writable").isEqualTo(2);
      assertThat(entry & (1L << 63)).as("executable").isZero();
      long frame = entry & 0x000f_ffff_ffff_f000L;
      if ((entry & 0x80) != 0) {
        assertThat(shift).as("leaves are 1 GiB or 2 MiB").isIn(30, 21);
        long offset = (1L << shift) - 1;
        assertThat(frame & offset).as("reserved bits and PAT").isZero();
        return OptionalLong.of(frame | (address & offset));
      }
      table = frame;
    }
  }
}
