package org.dormouse.lab.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class FillTest {
  @Test
  void isReadWithAndWithoutItsSign() {
    assertThat(Fill.parse("60%")).isEqualTo(Fill.parse("60")).isEqualTo(new Fill(60));
    assertThatThrownBy(() -> Fill.parse("101%")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Fill.parse("much")).isInstanceOf(IllegalArgumentException.class);
  }

  @Property(tries = 200)
  void leavesTheRestFree(
      @ForAll @IntRange(min = 0, max = 100) int percent,
      @ForAll @LongRange(min = 1 << 20, max = 1L << 40) long ram,
      @ForAll @IntRange(min = 0, max = 1000) int freeOf1000) {
    long free = ram / 1000 * freeOf1000;
    long left = free - new Fill(percent).bytesToAdd(ram, free);
    assertThat(left).isBetween(0L, free);
    assertThat(left).isLessThanOrEqualTo(Math.max(0, ram / 100 * (100 - percent)));
    assertThat(left == free || left == ram / 100 * (100 - percent)).isTrue();
  }
}
