package org.dormouse.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.util.BitSet;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.dormouse.memory.PageSet;

class WindowPagesTest {
  @Property(tries = 200)
  void windowPagesAreASet(@ForAll long seed) {
    Random random = new Random(seed);
    WindowPages pages = new WindowPages();
    BitSet model = new BitSet(WindowPages.COUNT);
    int density = 1 + random.nextInt(WindowPages.COUNT);
    for (int i = 0; i < density; i++) {
      int page = random.nextInt(WindowPages.COUNT);
      pages.add(page);
      model.set(page);
    }
    assertThat(pages.count()).isEqualTo(model.cardinality());
    assertThat(pages.last()).isEqualTo(model.length() - 1);
    for (int from = 0; from < WindowPages.COUNT; from++) {
      int next = model.nextSetBit(from);
      assertThat(pages.next(from)).isEqualTo(next < 0 ? WindowPages.COUNT : next);
      assertThat(pages.nextAbsent(from))
          .isEqualTo(Math.min(WindowPages.COUNT, model.nextClearBit(from)));
    }
    pages.clear();
    assertThat(pages.count()).isZero();
    assertThat(pages.last()).isEqualTo(-1);
    assertThat(pages.next(0)).isEqualTo(WindowPages.COUNT);
  }

  @Property(tries = 200)
  void eachPageIsTakenOnce(@ForAll long seed, @ForAll @IntRange(min = 1, max = 700) int limit) {
    Random random = new Random(seed);
    try (Arena arena = Arena.ofConfined()) {
      PageSet set = PageSet.empty(arena, limit);
      for (int i = 0; i < limit / 2; i++) {
        set.add(random.nextInt(limit));
      }
      PageSet left = set.copy(arena);
      WindowPages pages = new WindowPages();
      for (long window = 0; window < limit; window += WindowPages.COUNT) {
        pages.set(set, window);
        for (int page = 0; page < WindowPages.COUNT; page++) {
          assertThat(pages.next(page) == page).isEqualTo(set.contains(window + page));
        }
        assertThat(pages.takeFrom(left, window)).isTrue();
        if (pages.count() != 0) {
          assertThat(pages.takeFrom(left, window)).isFalse();
        }
      }
      assertThat(left.isEmpty()).isTrue();
      pages.clear();
      pages.add(0);
      assertThat(pages.takeFrom(left, 1L << 39)).isFalse();
    }
  }
}
