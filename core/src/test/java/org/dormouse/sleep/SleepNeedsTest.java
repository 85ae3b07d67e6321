package org.dormouse.sleep;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.dormouse.image.ImageWriter;
import org.dormouse.image.SaverFiles;
import org.dormouse.linux.MemoryInfo;
import org.dormouse.memory.Pages;
import org.dormouse.sleep.SleepNeeds.FreeInImage;
import org.dormouse.text.Report;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is asked for before the jump; after it nobody can be asked any more. */
class SleepNeedsTest {
  private static final long MIB = 1 << 20;
  private static final long GIB = 1 << 30;

  /** What the kernel may take between the look and the jump. */
  private static final long MARGIN = 16 * MIB;

  private static final SaverFiles FILES =
      SaverFiles.plan(5 * MIB, "a".repeat(64), 27 * MIB, "b".repeat(64));

  /** Of 1 GiB, a cold saver of 128 MiB. */
  private static SleepNeeds cold(FreeInImage free) {
    return new SleepNeeds(
        144 * MIB,
        Pages.pfn(GIB - 128 * MIB),
        Pages.pfn(128 * MIB),
        free,
        Optional.empty(),
        Long.MAX_VALUE,
        Long.MAX_VALUE);
  }

  private static MemoryInfo free(long bytes) {
    return new MemoryInfo(
        GIB, bytes, bytes, new MemoryInfo.Use(0, 0, 0, 0, 0, 0), new MemoryInfo.Swap(0, 0), 0);
  }

  private static long worst(long bytes) {
    return ImageWriter.worstCaseBytes(FILES, Pages.pfn(bytes));
  }

  @ParameterizedTest(name = "{0} MiB free: {1} MiB may come into the image")
  @CsvSource({
    // Of the free pages, 128 MiB will hold what is swapped out, and that is saved.
    "528, 512",
    "144, 896",
    "128, 896",
    "0, 896",
    "1024, 16"
  })
  void freePagesBeyondThoseThatTheJumpTakesAreLeftOut(long free, long inImage) {
    SleepNeeds needs = cold(FreeInImage.LEFT_OUT).withStore(FILES, 2 * GIB, Long.MAX_VALUE);
    assertThat(needs.mostBytes(free(free * MIB))).isEqualTo(worst(inImage * MIB));
  }

  @Test
  void whereFreePagesAreSavedAllOfRamMayComeIntoTheImage() {
    SleepNeeds needs = cold(FreeInImage.SAVED).withStore(FILES, 2 * GIB, Long.MAX_VALUE);
    assertThat(needs.mostBytes(free(800 * MIB))).isEqualTo(worst(896 * MIB));
  }

  @Test
  void aWarmSaverHasItsPagesAlreadyAndAllFreeOnesAreLeftOut() {
    SleepNeeds warm =
        new SleepNeeds(
            4 * MIB,
            Pages.pfn(GIB - 128 * MIB),
            0,
            FreeInImage.LEFT_OUT,
            Optional.of(FILES),
            2 * GIB,
            Long.MAX_VALUE);
    assertThat(warm.mostBytes(free(400 * MIB))).isEqualTo(worst(496 * MIB + MARGIN));
    assertThat(warm.areMet(free(4 * MIB))).isTrue();
  }

  @Property(tries = 200)
  void moreFreeMemoryNeverMakesTheImageLarger(
      @ForAll @LongRange(min = 0, max = 1 << 18) long pages,
      @ForAll @LongRange(min = 0, max = 1 << 18) long more) {
    SleepNeeds needs = cold(FreeInImage.LEFT_OUT).withStore(FILES, 2 * GIB, Long.MAX_VALUE);
    long before = needs.mostBytes(free(Pages.address(pages)));
    long after = needs.mostBytes(free(Pages.address(Math.min(pages + more, 1 << 18))));
    assertThat(after).isLessThanOrEqualTo(before);
    assertThat(before).isLessThanOrEqualTo(worst(896 * MIB));
    assertThat(after).isGreaterThan(FILES.dataOffset());
  }

  @Test
  void tooLittleFreeMemoryIsSaidWithFigures() {
    SleepNeeds needs = cold(FreeInImage.LEFT_OUT);
    assertThat(needs.shortage(free(144 * MIB), "")).isEmpty();
    Report report = needs.shortage(free(144 * MIB - 4096), "").orElseThrow();
    assertThat(report.happened())
        .contains("too little free memory", "150994944 bytes", "150990848 bytes");
    assertThat(report.state()).contains("goes on");
    assertThat(report.remedy()).contains("at least 4.0 KiB");
  }

  @Test
  void aStoreThatMayBeTooSmallIsNamedBeforeAnythingIsWritten() {
    MemoryInfo memory = free(528 * MIB);
    long wanted = worst(512 * MIB);
    SleepNeeds fits = cold(FreeInImage.LEFT_OUT).withStore(FILES, wanted, Long.MAX_VALUE);
    assertThat(fits.shortage(memory, "/dev/vdb")).isEmpty();
    SleepNeeds not = cold(FreeInImage.LEFT_OUT).withStore(FILES, wanted - MIB, Long.MAX_VALUE);
    Report report = not.shortage(memory, "/dev/vdb").orElseThrow();
    assertThat(report.happened())
        .startsWith("/dev/vdb is too small")
        .contains(wanted + " bytes", wanted - MIB + " bytes");
    assertThat(report.remedy()).contains("at least 1.0 MiB");
  }

  @Test
  void theUsersWishIsNoShortage() {
    MemoryInfo memory = free(528 * MIB);
    SleepNeeds needs = cold(FreeInImage.LEFT_OUT).withStore(FILES, 2 * GIB, 100 * MIB);
    assertThat(needs.areMet(memory)).isFalse();
    assertThat(needs.shortage(memory, "/dev/vdb")).isEmpty();
    assertThat(
            cold(FreeInImage.LEFT_OUT).withStore(FILES, 2 * GIB, worst(512 * MIB)).areMet(memory))
        .isTrue();
  }
}
