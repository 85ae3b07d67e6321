package org.dormouse.sleep;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.dormouse.memory.Pages;
import org.junit.jupiter.api.Test;

class ResumeCapacityTest {
  private static final long KERNEL = 17L << 20;
  private static final long FILES = 55L << 20;

  @Test
  void threeGibibytesResumeAnImageOfMoreThan85PerCent() {
    long ram = Pages.holding(3L << 30);
    assertThat(ResumeCapacity.mostPages(ram, KERNEL, FILES)).isGreaterThan(ram * 87 / 100);
  }

  @Test
  void oneGibibyteLeavesWhatTheResumeKernelWasSeenToTake() {
    long ram = Pages.holding(1L << 30);
    // 211 MiB were not locked in a resume kernel with 2 CPUs.
    assertThat(ram - ResumeCapacity.mostPages(ram, KERNEL, FILES))
        .isGreaterThan(Pages.holding(211L << 20));
  }

  @Property(tries = 200)
  void isNeverNegativeNorMoreThanThereIs(@ForAll @LongRange(min = 0, max = 1L << 28) long ram) {
    assertThat(ResumeCapacity.mostPages(ram, KERNEL, FILES)).isBetween(0L, ram);
  }
}
