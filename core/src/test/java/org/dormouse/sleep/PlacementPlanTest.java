package org.dormouse.sleep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.statistics.Statistics;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.sleep.PlacementPlan.Memory;
import org.junit.jupiter.api.Test;

class PlacementPlanTest {
  private static final long BASE = 0x7f00_0000_0000L;
  private static final long LIMIT = 1000;
  private static final Memory REST =
      new Memory(
          List.of(new PageRange(0, 900)),
          List.of(new PageRange(0, 10), new PageRange(100, 200)),
          List.of(new PageRange(100, 104)));

  private final Arena arena = Arena.ofAuto();

  @Test
  void placesWhatIsLockedAndParksTheRest() throws PlacementException {
    PageSet image = set(new PageRange(300, 400));
    LockedPages locked =
        LockedPages.builder(arena).append(BASE, 310, 90).append(BASE + 0x100000, 500, 20).build();

    PlacementPlan plan = PlacementPlan.of(arena, image, locked.pages(arena, LIMIT), REST);
    PlacementCursor cursor = plan.cursor(locked);

    // Zero-filled: [10, 100), [200, 300), [400, 500), [520, 900)
    assertThat(plan.counts()).isEqualTo(new PlacementPlan.Counts(90, 10, 670, 1, 20, 5));
    cursor.seek(300, 100);
    assertThat(cursor.address()).isEqualTo(BASE + 0x100000);
    assertThat(cursor.pages()).isEqualTo(10);
    assertThat(cursor.frame()).isEqualTo(500);
    cursor.seek(305, 3);
    assertThat(cursor.address()).isEqualTo(BASE + 0x105000);
    assertThat(cursor.pages()).isEqualTo(3);
    cursor.seek(310, 256);
    assertThat(cursor.address()).isEqualTo(BASE);
    assertThat(cursor.pages()).isEqualTo(90);
    assertThat(cursor.frame()).isEqualTo(310);
  }

  @Test
  void neverParksInTheStubNorInPageZero() {
    PageSet image = set(new PageRange(300, 301));
    PageSet locked = set(new PageRange(0, 1), new PageRange(100, 104));

    assertThatExceptionOfType(PlacementException.class)
        .isThrownBy(() -> PlacementPlan.of(arena, image, locked, REST))
        .satisfies(e -> assertThat(e.available()).isZero());
  }

  @Test
  void refusesWithFiguresWhenTheImageLeavesTooLittle() {
    PageSet image = set(new PageRange(300, 400));
    PageSet locked = set(new PageRange(350, 440)); // 50 parked, 40 spare, a list page

    assertThatExceptionOfType(PlacementException.class)
        .isThrownBy(() -> PlacementPlan.of(arena, image, locked, REST))
        .withMessage("parking takes 51 spare locked pages, there are 40: short by 11")
        .satisfies(
            e -> {
              assertThat(e.needed()).isEqualTo(51);
              assertThat(e.available()).isEqualTo(40);
              assertThat(e.shortBy()).isEqualTo(11);
            });
  }

  @Test
  void oneSparePageDecides() throws PlacementException {
    PageSet image = set(new PageRange(300, 400));
    PageSet enough = set(new PageRange(350, 451)); // 50 parked, 51 spare
    PageSet tooFew = set(new PageRange(350, 450));

    assertThat(PlacementPlan.of(arena, image, enough, REST).counts().parked()).isEqualTo(50);
    assertThatExceptionOfType(PlacementException.class)
        .isThrownBy(() -> PlacementPlan.of(arena, image, tooFew, REST))
        .satisfies(e -> assertThat(e.shortBy()).isEqualTo(1));
  }

  @Test
  void refusesAnImageThatIsNotRamOrHoldsTheStub() {
    PageSet locked = set(new PageRange(500, 800));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PlacementPlan.of(arena, set(new PageRange(890, 902)), locked, REST))
        .withMessageContaining("2 pages of the image are not RAM");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PlacementPlan.of(arena, set(new PageRange(103, 105)), locked, REST))
        .withMessageContaining("stub");
  }

  @Test
  void refusesAStubThatTheOriginalKernelWouldFindInItsMemory() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Memory(REST.ram(), REST.keep(), List.of(new PageRange(199, 201))));
  }

  @Test
  void thereIsNoPlaceForAPageThatIsNotInTheImage() throws PlacementException {
    LockedPages locked = LockedPages.builder(arena).append(BASE, 500, 20).build();
    PlacementPlan plan =
        PlacementPlan.of(arena, set(new PageRange(300, 301)), locked.pages(arena, LIMIT), REST);
    assertThatIllegalArgumentException().isThrownBy(() -> plan.cursor(locked).seek(301, 1));
  }

  @Property(tries = 500)
  void everyPageWakesAsItWas(
      @ForAll long seed,
      @ForAll @IntRange(min = 20, max = 100) int ramShare,
      @ForAll @IntRange(min = 0, max = 70) int imageShare,
      @ForAll @IntRange(min = 40, max = 100) int lockedShare) {
    Random random = new Random(seed);
    try (Arena own = Arena.ofConfined()) {
      ToyMachine machine = new ToyMachine(own, random, ramShare, imageShare, lockedShare);
      try {
        PlacementPlan plan = PlacementPlan.of(own, machine.image, machine.locked, machine.rest);
        Statistics.label("outcome").collect("resumed");
        checkResume(machine, plan, random);
      } catch (PlacementException e) {
        Statistics.label("outcome").collect("refused");
        checkRefusal(machine, e);
      }
      Statistics.label("outcome")
          .coverage(
              coverage -> {
                coverage.check("resumed").percentage(share -> share > 30);
                coverage.check("refused").percentage(share -> share > 3);
              });
    }
  }

  private void checkResume(ToyMachine machine, PlacementPlan plan, Random random) {
    machine.place(plan, random);
    long head = plan.copyList().write(machine::listPage);
    machine.runStub(head);

    assertThat(machine.wrongPages()).isEmpty();
    assertThat(machine.stubIsWhole()).isTrue();
    assertThat(machine.sources.intersects(machine.destinations)).isFalse();
    assertThat(machine.listPages)
        .doesNotHaveDuplicates()
        .noneMatch(pfn -> machine.sources.get(pfn.intValue()))
        .noneMatch(pfn -> machine.destinations.get(pfn.intValue()))
        .noneMatch(machine.image::contains);

    PlacementPlan.Counts counts = plan.counts();
    assertThat(counts.image()).isEqualTo(machine.image.count());
    assertThat(counts.parked()).isEqualTo(machine.sources.cardinality());
    assertThat(counts.parked() + counts.zeroFilled()).isEqualTo(machine.destinations.cardinality());
    assertThat(counts.listPages()).isEqualTo(machine.listPages.size());
    assertThat(counts.parked() + counts.listPages()).isLessThanOrEqualTo(counts.spare());
  }

  private void checkRefusal(ToyMachine machine, PlacementException refusal) {
    PageSet parked = machine.image.copy(arena);
    parked.removeAll(machine.locked);
    PageSet spare = machine.locked.copy(arena);
    spare.removeAll(machine.image);
    machine.rest.stub().forEach(spare::remove);
    assertThat(refusal.available()).isEqualTo(spare.count());
    assertThat(refusal.needed()).isGreaterThan(parked.count()).isGreaterThan(spare.count());
  }

  private PageSet set(PageRange... ranges) {
    return PageSet.of(arena, LIMIT, List.of(ranges));
  }
}
