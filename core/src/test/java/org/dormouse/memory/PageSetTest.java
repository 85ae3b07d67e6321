package org.dormouse.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/**
 * A {@link PageSet}, and the numbers that {@link RankedPages} gives its pages, against a BitSet.
 */
class PageSetTest {
  /** Not a multiple of 64, and with more than one block, of a set and of what counts in it. */
  private static final int LIMIT = 9_001;

  /** Blocks of 2048 pages, so that there are some with pages and some without. */
  private static final int BLOCK_SHIFT = 11;

  private final Arena arena = Arena.ofAuto();

  /** One change of a set. */
  private record Change(Kind kind, int from, int to) {}

  private enum Kind {
    ADD,
    REMOVE,
    ADD_RANGE,
    REMOVE_RANGE
  }

  @Property(tries = 300)
  void changesLikeABitSet(@ForAll("changes") List<Change> changes) {
    BitSet model = model(changes);
    PageSet set = set(changes);

    assertThat(content(set)).isEqualTo(model);
    assertThat(set.count()).isEqualTo(model.cardinality());
    assertThat(set.isEmpty()).isEqualTo(model.isEmpty());
    for (int pfn = 0; pfn <= LIMIT + 64; pfn += 1 + pfn % 7) {
      assertThat(set.contains(pfn)).isEqualTo(model.get(pfn));
    }
  }

  @Property(tries = 300)
  void isSearchedLikeABitSet(
      @ForAll("changes") List<Change> changes, @ForAll("probes") List<Integer> probes) {
    BitSet model = model(changes);
    PageSet set = set(changes);

    for (int from : probes) {
      int next = model.nextSetBit(from);
      assertThat(set.next(from)).isEqualTo(next < 0 ? LIMIT : next);
      assertThat(set.nextAbsent(from)).isEqualTo(Math.min(LIMIT, model.nextClearBit(from)));
      for (int max : new int[] {1, 63, 64, 65, 300, 2 * LIMIT}) {
        long run = Math.min(Math.min(max, LIMIT - from), model.nextClearBit(from) - from);
        assertThat(set.runFrom(from, max)).isEqualTo(Math.max(0, run));
        assertThat(set.countIn(new PageRange(from, from + max)))
            .isEqualTo(model.get(from, from + max).cardinality());
      }
    }
  }

  @Test
  void bitsAreAddedUpToTheLimit() {
    PageSet set = PageSet.of(arena, 70, List.of(new PageRange(3, 4)));
    set.addBits(0, 1L << 63);
    set.addBits(64, -1);
    set.addBits(128, -1);
    assertThat(set.count()).isEqualTo(8);
    assertThat(set.nextRun(4)).isEqualTo(new PageRange(63, 70));
  }

  @Property(tries = 300)
  void combinesLikeABitSet(@ForAll("changes") List<Change> a, @ForAll("changes") List<Change> b) {
    BitSet or = model(a);
    or.or(model(b));
    BitSet and = model(a);
    and.and(model(b));
    BitSet without = model(a);
    without.andNot(model(b));

    PageSet union = set(a);
    union.addAll(set(b));
    PageSet intersection = set(a);
    intersection.retainAll(set(b));
    PageSet difference = set(a);
    difference.removeAll(set(b));

    assertThat(content(union)).isEqualTo(or);
    assertThat(content(intersection)).isEqualTo(and);
    assertThat(content(difference)).isEqualTo(without);
  }

  @Property(tries = 300)
  void runsAreTheSetAndNothingElse(@ForAll("changes") List<Change> changes) {
    PageSet set = set(changes);
    List<PageRange> runs = new ArrayList<>();
    for (PageRange run = set.nextRun(0); !run.isEmpty(); run = set.nextRun(run.end())) {
      runs.add(run);
    }

    assertThat(content(PageSet.of(arena, LIMIT, runs))).isEqualTo(content(set));
    for (int i = 1; i < runs.size(); i++) {
      assertThat(runs.get(i).start()).isGreaterThan(runs.get(i - 1).end());
    }
  }

  @Property(tries = 100)
  void ranksAndSelects(@ForAll("changes") List<Change> changes) {
    BitSet model = model(changes);
    RankedPages ranked = RankedPages.of(arena, set(changes));

    assertThat(ranked.count()).isEqualTo(model.cardinality());
    int number = 0;
    for (int pfn = 0; pfn < LIMIT; pfn++) {
      assertThat(ranked.rank(pfn)).isEqualTo(number);
      if (model.get(pfn)) {
        assertThat(ranked.select(number)).isEqualTo(pfn);
        number++;
      }
    }
    assertThat(ranked.rank(LIMIT)).isEqualTo(number);
    assertThat(ranked.rank(10L * LIMIT)).isEqualTo(number);
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> ranked.select(ranked.count()));
  }

  @Test
  void aCopySharesNothing() {
    PageSet set = PageSet.empty(arena, LIMIT);
    PageSet copy = set.copy(arena);
    copy.add(5);
    assertThat(set.contains(5)).isFalse();
    set.add(6);
    assertThat(copy.contains(6)).isFalse();
  }

  /** Memory behind a hole of 4 TiB. */
  @Test
  void holesTakeNoMemory() {
    long far = 1L << 30;
    List<PageRange> ranges =
        List.of(new PageRange(1, 1 << 18), new PageRange(far + 100, far + 100 + (1 << 18)));
    Counting counting = new Counting(arena, new AtomicLong());
    PageSet set = PageSet.of(counting, far + (1 << 20), ranges);
    // Three GiB are touched; a bit for each page up to the limit would be 128 MiB.
    assertThat(counting.bytes).hasValue(96 << 10).hasValue(PageSet.bytes(set.limit(), ranges));
    assertThat(set.count()).isEqualTo((2L << 18) - 1);
    assertThat(set.nextRun(0)).isEqualTo(ranges.getFirst());
    assertThat(set.nextRun(1 << 18)).isEqualTo(ranges.getLast());
    assertThat(set.next(far + (1 << 19))).isEqualTo(set.limit());
    assertThat(set.countIn(new PageRange(5, far + 101))).isEqualTo((1 << 18) - 5 + 1);

    PageSet copy = set.copy(counting);
    copy.remove(new PageRange(1 << 19, far));
    copy.removeAll(PageSet.empty(arena, set.limit()));
    copy.addBits(1 << 20, 0);
    assertThat(counting.bytes).hasValue(2 * (96 << 10));
    copy.retainAll(PageSet.empty(arena, set.limit()));
    assertThat(copy.isEmpty()).isTrue();
  }

  /** There is a table of the blocks on the heap, and it must not depend on what somebody says. */
  @Test
  void aSetOfAllPhysicalMemoryHasLargerBlocks() {
    long limit = 1L << 40;
    List<PageRange> ranges = List.of(new PageRange(7, 8), new PageRange(limit - 1, limit));
    Counting counting = new Counting(arena, new AtomicLong());
    PageSet set = PageSet.of(counting, limit, ranges);
    assertThat(counting.bytes).hasValue(4 << 20).hasValue(PageSet.bytes(limit, ranges));
    assertThat(set.nextRun(0)).isEqualTo(ranges.getFirst());
    assertThat(set.nextRun(8)).isEqualTo(ranges.getLast());
  }

  /** Counts what is allocated. */
  private record Counting(Arena arena, AtomicLong bytes) implements Arena {
    @Override
    public MemorySegment allocate(long size, long alignment) {
      bytes.addAndGet(size);
      return arena.allocate(size, alignment);
    }

    @Override
    public MemorySegment.Scope scope() {
      return arena.scope();
    }

    @Override
    public void close() {
      arena.close();
    }
  }

  @Test
  void theEmptyMachineHasNoPages() {
    PageSet none = PageSet.empty(arena, 0);
    assertThat(none.isEmpty()).isTrue();
    assertThat(none.nextRun(0).isEmpty()).isTrue();
    assertThat(RankedPages.of(arena, none).rank(0)).isZero();
  }

  @Test
  void refusesWhatIsPastTheLimit() {
    PageSet set = PageSet.empty(arena, LIMIT);
    assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> set.add(LIMIT));
    assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> set.remove(-1));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> set.add(new PageRange(LIMIT - 1, LIMIT + 1)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> set.addAll(PageSet.empty(arena, LIMIT + 1)));
    assertThatIllegalArgumentException().isThrownBy(() -> PageSet.empty(arena, -1));
  }

  @Provide
  Arbitrary<List<Change>> changes() {
    Arbitrary<Integer> pfn = Arbitraries.integers().between(0, LIMIT - 1);
    return Combinators.combine(
            Arbitraries.of(Kind.class), pfn, Arbitraries.integers().between(0, 2_000))
        .as((kind, from, length) -> new Change(kind, from, Math.min(LIMIT, from + length)))
        .list()
        .ofMaxSize(30);
  }

  @Provide
  Arbitrary<List<Integer>> probes() {
    return Arbitraries.integers().between(0, LIMIT + 100).list().ofSize(20);
  }

  private static BitSet model(List<Change> changes) {
    BitSet model = new BitSet();
    for (Change change : changes) {
      switch (change.kind) {
        case ADD -> model.set(change.from);
        case REMOVE -> model.clear(change.from);
        case ADD_RANGE -> model.set(change.from, change.to);
        case REMOVE_RANGE -> model.clear(change.from, change.to);
      }
    }
    return model;
  }

  private PageSet set(List<Change> changes) {
    PageSet set = PageSet.empty(arena, LIMIT, BLOCK_SHIFT);
    for (Change change : changes) {
      switch (change.kind) {
        case ADD -> set.add(change.from);
        case REMOVE -> set.remove(change.from);
        case ADD_RANGE -> set.add(new PageRange(change.from, change.to));
        case REMOVE_RANGE -> set.remove(new PageRange(change.from, change.to));
      }
    }
    return set;
  }

  private static BitSet content(PageSet set) {
    BitSet content = new BitSet();
    for (long pfn = set.next(0); pfn < LIMIT; pfn = set.next(pfn + 1)) {
      content.set((int) pfn);
    }
    return content;
  }
}
