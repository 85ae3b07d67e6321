package org.dormouse.kexec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.LongStream;
import org.dormouse.linux.Kexec.Context;
import org.dormouse.linux.Kexec.Segment;
import org.dormouse.memory.PageRange;
import org.junit.jupiter.api.Test;

class KexecImageTest {
  private static final Segment LOW = Segment.zeros(new PageRange(0x1, 0x9f));

  @Test
  void describesItself() {
    Segment stub = new Segment(Arena.ofAuto().allocate(1234), new PageRange(0x1000, 0x1003));
    assertThat(new KexecImage(0x1000800, List.of(LOW, stub), Context.PRESERVE_CONTEXT).describe())
        .isEqualToNormalizingNewlines(
            """
            kexec image: entry 0x1000800, preserve context, 2 segments, 161 pages
              [0x1000-0x9efff], 158 pages, 0 bytes of content
              [0x1000000-0x1002fff], 3 pages, 1,234 bytes of content\
            """);
  }

  @Test
  void overlappingSegmentsAreRefused() {
    Segment other = Segment.zeros(new PageRange(0x9e, 0xa0));
    assertRefused(0x1000, List.of(other, LOW), "overlap");
  }

  @Test
  void sixteenSegmentsAreAllowedAndNoMore() {
    assertThat(new KexecImage(0, pages(16), Context.PLAIN).pages()).isEqualTo(16);
    assertRefused(0, pages(17), "17 kexec segments");
    assertRefused(0, List.of(), "0 kexec segments");
  }

  @Test
  void anEntryOutsideIsRefused() {
    assertRefused(0x9f000, List.of(LOW), "entry 0x9f000");
    assertRefused(0, List.of(LOW), "entry 0x0");
  }

  @Test
  void contentThatDoesNotFitIsRefused() {
    MemorySegment content = Arena.ofAuto().allocate(4097);
    assertThatThrownBy(() -> new Segment(content, new PageRange(1, 2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("4097 bytes do not fit");
  }

  @Test
  void contentThatTheKernelCannotReadIsRefused() {
    assertThatThrownBy(() -> new Segment(MemorySegment.ofArray(new byte[8]), new PageRange(1, 2)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void halfOfTheMemoryFitsAndAPageMoreDoesNot() {
    KexecImage image = new KexecImage(0, pages(8), Context.PLAIN);
    assertThatCode(() -> image.checkFits(16)).doesNotThrowAnyException();
    assertThatThrownBy(() -> image.checkFits(15))
        .isInstanceOf(KexecPlanException.class)
        .hasMessageContaining("4,096 bytes too many");
  }

  private static List<Segment> pages(int count) {
    return LongStream.range(0, count)
        .mapToObj(i -> Segment.zeros(new PageRange(i * 2, i * 2 + 1)))
        .toList();
  }

  private static void assertRefused(long entry, List<Segment> segments, String message) {
    assertThatThrownBy(() -> new KexecImage(entry, segments, Context.PLAIN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
