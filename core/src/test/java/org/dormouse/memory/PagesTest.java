package org.dormouse.memory;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class PagesTest {
  @Test
  void bytesBecomePages() {
    assertThat(Pages.holding(0)).isZero();
    assertThat(Pages.holding(1)).isEqualTo(1);
    assertThat(Pages.holding(4096)).isEqualTo(1);
    assertThat(Pages.holding(4097)).isEqualTo(2);
    assertThat(Pages.pfn(4095)).isZero();
    assertThat(Pages.pfn(4096)).isEqualTo(1);
    assertThat(Pages.address(3)).isEqualTo(0x3000);
  }

  @Property(tries = 200)
  void aPageHoldsItsBytes(@ForAll @LongRange(min = 0, max = 1L << 52) long address) {
    long pfn = Pages.pfn(address);
    assertThat(address).isBetween(Pages.address(pfn), Pages.address(pfn + 1) - 1);
    assertThat(Pages.holding(address)).isBetween(pfn, pfn + 1);
  }

  @Property(tries = 200)
  void alignmentMovesByLessThanOneUnit(
      @ForAll @LongRange(min = 0, max = 1L << 52) long value,
      @ForAll @IntRange(min = 0, max = 30) int shift) {
    long unit = 1L << shift;
    assertThat(Pages.alignUp(value, unit) % unit).isZero();
    assertThat(Pages.alignUp(value, unit) - value).isBetween(0L, unit - 1);
    assertThat(Pages.alignDown(value, unit) % unit).isZero();
    assertThat(value - Pages.alignDown(value, unit)).isBetween(0L, unit - 1);
  }
}
