package org.dormouse.kexec;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.dormouse.kexec.SaverNeeds.Need;
import org.junit.jupiter.api.Test;

class SaverNeedsTest {
  @Property(tries = 300)
  void theRegionHoldsItAllAndThePageStructsForAllOfIt(
      @ForAll @LongRange(max = 64 << 20) long kernel,
      @ForAll @LongRange(max = 100 << 20) long initramfs,
      @ForAll @LongRange(max = 300 << 20) long unpacked,
      @ForAll @LongRange(max = 300 << 20) long working) {
    SaverNeeds needs = new SaverNeeds(kernel, initramfs, unpacked, working);
    long sum = needs.breakdown().stream().mapToLong(Need::bytes).sum();
    assertThat(needs.pages() % 512).isZero();
    assertThat(needs.pages() * 4096 - sum).isBetween(0L, (2L << 20) - 1);
    long pageStructs = needs.breakdown().get(2).bytes();
    assertThat(pageStructs).isGreaterThanOrEqualTo(needs.pages() * 64);
  }

  @Test
  void namesWhatItIsMadeOf() {
    assertThat(new SaverNeeds(17 << 20, 27 << 20, 60 << 20, 40 << 20).breakdown())
        .contains(
            new Need("kernel", 17 << 20),
            new Need("initramfs, as loaded", (27 << 20) + (128 << 10)),
            new Need("initramfs, unpacked", 60 << 20),
            new Need("working memory", 40 << 20));
  }
}
