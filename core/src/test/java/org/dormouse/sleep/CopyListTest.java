package org.dormouse.sleep;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.junit.jupiter.api.Test;

/** The bytes of the list, as the stub reads them. */
class CopyListTest {
  private static final long LIMIT = 4000;

  private final Arena arena = Arena.ofAuto();
  private final Map<Long, MemorySegment> pages = new LinkedHashMap<>();

  @Test
  void nothingToDoTakesNoPage() {
    CopyList list = CopyList.of(set(), set(new PageRange(5, 9)), set());
    assertThat(list.entries()).isZero();
    assertThat(list.pages()).isZero();
    assertThat(list.write(this::page)).isZero();
    assertThat(pages).isEmpty();
  }

  @Test
  void mergesWhereSourceAndDestinationRunOn() {
    CopyList list =
        CopyList.of(
            set(new PageRange(100, 103), new PageRange(103, 105), new PageRange(200, 202)),
            set(new PageRange(10, 14), new PageRange(20, 30)),
            set(new PageRange(300, 400), new PageRange(500, 501)));

    assertThat(list.write(this::page)).isEqualTo(23 << 12);
    assertThat(list.entries()).isEqualTo(5);
    assertThat(pages.keySet()).containsExactly(23L);
    assertThat(words(23, 17))
        .containsExactly(
            0L, 5L, // next, count
            0xa000L, 0x64000L, 4L, //
            0x14000L, 0x68000L, 1L, //
            0x15000L, 0xc8000L, 2L, //
            0L, 0x12c000L, 100L, //
            0L, 0x1f4000L, 1L);
  }

  @Test
  void chainsPagesWhenOneIsFull() {
    PageSet parked = PageSet.empty(arena, LIMIT);
    for (long pfn = 1000; pfn < 1000 + 2 * 341; pfn += 2) {
      parked.add(pfn);
    }
    PageSet spare = set(new PageRange(10, 200), new PageRange(300, 451), new PageRange(460, 600));
    CopyList list = CopyList.of(parked, spare, set());

    assertThat(list.entries()).isEqualTo(341);
    assertThat(list.pages()).isEqualTo(3);
    assertThat(list.write(this::page)).isEqualTo(460 << 12);
    assertThat(pages.keySet()).containsExactly(460L, 461L, 462L);
    assertThat(words(460, 2)).containsExactly(461L << 12, 170L);
    assertThat(words(461, 2)).containsExactly(462L << 12, 170L);
    assertThat(words(462, 5)).containsExactly(0L, 1L, 450L << 12, 1680L << 12, 1L);
  }

  @Test
  void exactlyFullPagesTakeNoFurtherOne() {
    PageSet zero = PageSet.empty(arena, LIMIT);
    for (long pfn = 1000; pfn < 1000 + 2 * 340; pfn += 2) {
      zero.add(pfn);
    }
    CopyList list = CopyList.of(set(), set(new PageRange(7, 8), new PageRange(9, 10)), zero);

    assertThat(list.pages()).isEqualTo(2);
    assertThat(list.write(this::page)).isEqualTo(7 << 12);
    assertThat(words(7, 2)).containsExactly(9L << 12, 170L);
    assertThat(words(9, 2)).containsExactly(0L, 170L);
  }

  private MemorySegment page(long pfn) {
    MemorySegment page = arena.allocate(4096, 8).fill((byte) 0xee);
    pages.put(pfn, page);
    return page;
  }

  private long[] words(long pfn, int count) {
    return pages.get(pfn).asSlice(0, count * 8L).toArray(ValueLayout.JAVA_LONG);
  }

  private PageSet set(PageRange... ranges) {
    return PageSet.of(arena, LIMIT, List.of(ranges));
  }
}
