package org.dormouse.sleep;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.dormouse.image.ImageDescription;
import org.dormouse.image.ImageWriter;
import org.dormouse.linux.MemoryInfo;
import org.dormouse.memory.Pages;
import org.dormouse.sleep.SnapshotNeeds.Plan;
import org.dormouse.vmcore.Exclusions;
import org.junit.jupiter.api.Test;

/** What a snapshot asks for before anything is changed. */
class SnapshotNeedsTest {
  private static final long MIB = 1 << 20;
  private static final long GIB = 1 << 30;
  private static final long REGION = 144 * MIB;

  private static SnapshotNeeds needs(String excluded) {
    return new SnapshotNeeds(
        Pages.pfn(GIB - REGION),
        REGION,
        Pages.pfn(REGION),
        Exclusions.parse(excluded),
        ImageDescription.DUMP_DATA_OFFSET);
  }

  private static MemoryInfo memory(long free, long cached, long anonymous) {
    return new MemoryInfo(
        GIB,
        free,
        free + cached,
        new MemoryInfo.Use(0, cached, 0, 0, 0, anonymous),
        new MemoryInfo.Swap(0, 0),
        0);
  }

  @Test
  void whatIsLeftOutNeedsNoRoom() {
    MemoryInfo memory = memory(300 * MIB, 200 * MIB, 250 * MIB);
    long all = needs("none").mostPages(memory);
    assertThat(all - needs("cache").mostPages(memory)).isBetween(51_000L, 53_000L);
    assertThat(all - needs("user").mostPages(memory)).isBetween(63_000L, 67_000L);
    assertThat(needs("free").mostPages(memory)).isEqualTo(all);
  }

  @Test
  void aMachineThatIsHalfFullIsCompressedAndAFullOneRefused() {
    assertThat(needs("none").plan(memory(700 * MIB, 0, 0))).isInstanceOf(Plan.Whole.class);
    assertThat(needs("none").plan(memory(500 * MIB, 0, 0)))
        .isInstanceOfSatisfying(
            Plan.Compressed.class, plan -> assertThat(plan.pages()).isLessThan(plan.most()));
    assertThat(needs("none").plan(memory(200 * MIB, 0, 0)))
        .isInstanceOfSatisfying(
            Plan.TooLittle.class,
            plan ->
                assertThat(plan.report().line())
                    .contains("bytes) are to be had")
                    .contains("Nothing was changed")
                    .contains("--through DEVICE"));
    // Where the saver is loaded already, there is so much more.
    assertThat(needs("none").afterLoading().plan(memory(560 * MIB, 0, 0)))
        .isInstanceOf(Plan.Whole.class);
  }

  @Property
  void aPlanNeverTakesWhatOthersNeed(
      @ForAll @LongRange(min = 0, max = GIB) long free,
      @ForAll @LongRange(min = 0, max = GIB) long cached) {
    MemoryInfo memory = memory(free, cached, 0);
    long left = memory.available() - REGION - SnapshotNeeds.reserveBytes(memory);
    switch (needs("none").plan(memory)) {
      case Plan.Whole(long pages) -> {
        assertThat(Pages.address(pages)).isLessThanOrEqualTo(left);
        long saved = Pages.pfn(Math.max(0, GIB - REGION - free));
        assertThat(Pages.address(pages))
            .isGreaterThanOrEqualTo(
                ImageWriter.worstCaseBytes(ImageDescription.DUMP_DATA_OFFSET, saved));
      }
      case Plan.Compressed(long pages, long most) -> {
        assertThat(Pages.address(pages)).isLessThanOrEqualTo(left);
        assertThat(pages).isLessThan(most);
      }
      case Plan.TooLittle _ -> {}
    }
  }

  @Test
  void aDeviceIsNamedWithItsSize() {
    MemoryInfo memory = memory(300 * MIB, 0, 0);
    assertThat(needs("none").shortage(memory, "/dev/vdb", 2 * GIB)).isEmpty();
    assertThat(needs("none").shortage(memory, "/dev/vdb", 100 * MIB).orElseThrow().happened())
        .contains("/dev/vdb is too small: it has 100 MiB (104857600 bytes)");
  }

  @Test
  void aClockThatIsNotSureToRunEvenlyIsComparedWithAnother() {
    Duration time = Duration.ofMillis(2300);
    assertThat(Standstill.of(time, Duration.ZERO, Standstill.Evenness.PROMISED).trust())
        .isEqualTo(Standstill.Trust.PROMISED);
    assertThat(Standstill.of(time, Duration.ofSeconds(3), Standstill.Evenness.NOT_PROMISED).trust())
        .isEqualTo(Standstill.Trust.NOT_CONTRADICTED);
    assertThat(Standstill.of(time, Duration.ofSeconds(9), Standstill.Evenness.NOT_PROMISED).trust())
        .isEqualTo(Standstill.Trust.DOUBTFUL);
  }
}
