package org.dormouse.analyze;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class HilbertCurveTest {
  @Property(tries = 20)
  void everyCellIsVisitedOnceAndTheNextOneIsItsNeighbour(
      @ForAll @IntRange(min = 0, max = 8) int bits) {
    int side = 1 << bits;
    BitSet visited = new BitSet();
    int before = HilbertCurve.cell(side, 0);
    for (long place = 0; place < (long) side * side; place++) {
      int cell = HilbertCurve.cell(side, place);
      assertThat(visited.get(cell)).isFalse();
      visited.set(cell);
      int distance = Math.abs(cell % side - before % side) + Math.abs(cell / side - before / side);
      assertThat(distance).isEqualTo(place == 0 ? 0 : 1);
      before = cell;
    }
    assertThat(visited.cardinality()).isEqualTo(side * side);
  }

  @Property(tries = 100)
  void anAlignedBlockIsASquare(
      @ForAll @IntRange(min = 0, max = 4) int bits, @ForAll @IntRange(max = 1023) int number) {
    int size = 1 << bits;
    int side = 512;
    long first = (long) number * size * size;
    int corner = HilbertCurve.cell(side, first);
    for (long place = first; place < first + (long) size * size; place++) {
      int cell = HilbertCurve.cell(side, place);
      assertThat(cell % side / size).isEqualTo(corner % side / size);
      assertThat(cell / side / size).isEqualTo(corner / side / size);
    }
  }
}
