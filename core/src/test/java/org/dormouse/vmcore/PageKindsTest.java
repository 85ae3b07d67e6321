package org.dormouse.vmcore;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.dormouse.memory.FreePagePolicy;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.vmcore.PageKinds.Reason;
import org.junit.jupiter.api.Test;

/** What is left out is what the page allocator has, no page more and no page less. */
class PageKindsTest {
  private static final OriginalMachine.Build USUAL =
      new OriginalMachine.Build(4, true, true, 64, 23);

  @Property(tries = 40)
  void everyFreeBlockIsSkippedExactly(
      @ForAll("builds") OriginalMachine.Build build, @ForAll long seed) {
    OriginalMachine machine = new OriginalMachine(build, seed);
    machine.jump();
    PageKinds kinds = plan(machine, FreePagePolicy.ANY, 1 + (int) (seed & 1));

    assertThat(kinds.everythingKept()).isEmpty();
    assertThat(content(kinds.free())).isEqualTo(inRam(machine.free));
    assertThat(content(kinds.untouchable())).isEqualTo(inRam(machine.untouchable));
    assertPartition(kinds);
    assertThat(kinds.pages(Reason.FREE)).isEqualTo(kinds.free().count());
    assertThat(kinds.pages(Reason.IN_USE)).isEqualTo(kinds.inUse().count());
  }

  @Property(tries = 10)
  void whoseSourcePagesAreNotKnownKeepsEverything(@ForAll long seed) {
    OriginalMachine machine = new OriginalMachine(USUAL, seed);
    machine.jump();
    OriginalMemory memory =
        OriginalMemory.of(machine.frames(), OriginalMachine.RAM, SourcePages.none());
    PageKinds kinds = plan(machine, memory, FreePagePolicy.ANY, 1);
    assertThat(kinds.everythingKept()).isPresent();
    assertThat(content(kinds.inUse())).isEqualTo(inRam(everyPage()));
    assertPartition(kinds);
  }

  @Property(tries = 40)
  void garbageIsAnsweredNotThrown(
      @ForAll("builds") OriginalMachine.Build build, @ForAll long seed, @ForAll("parts") int part) {
    OriginalMachine machine = new OriginalMachine(build, seed);
    machine.jump();
    OriginalMemory memory = machine.memory();
    Random random = new Random(seed);
    // One word in so many of the machine is anything.
    long step = 1L + random.nextInt(8 << (4 * part));
    for (long word = 0; word < OriginalMachine.PAGES * 512; word += 1 + random.nextLong(2 * step)) {
      machine.putU64(8 * word, random.nextLong() >> random.nextInt(64));
    }
    assertPartition(plan(machine, memory, FreePagePolicy.ANY, 1));
    assertThat(machine.search()).isNotNull();
  }

  @Property(tries = 40)
  void anyVmcoreInfoIsAnswered(@ForAll long seed, @ForAll("values") List<String> values) {
    OriginalMachine machine = new OriginalMachine(USUAL, seed);
    List<String> keys = machine.info.keySet().stream().toList();
    Random random = new Random(seed);
    for (String value : values) {
      machine.info.put(keys.get(random.nextInt(keys.size())), value);
    }
    machine.writeNote();
    machine.jump();
    assertPartition(plan(machine, FreePagePolicy.ANY, 1));
  }

  @Test
  void eachLineThatIsNeededIsMissedByName() {
    for (String key : new OriginalMachine(USUAL, 1).info.keySet()) {
      OriginalMachine machine = new OriginalMachine(USUAL, 1);
      machine.info.remove(key);
      machine.writeNote();
      machine.jump();
      Optional<String> reason = plan(machine, FreePagePolicy.ANY, 1).everythingKept();
      if (List.of("KERNELOFFSET", "NUMBER(PG_hwpoison)", "NUMBER(sme_mask)", "SYMBOL(vmemmap)")
              .contains(key)
          || key.contains("OFFLINE")) {
        assertThat(reason).as(key).isEmpty();
      } else {
        assertThat(reason).as(key).hasValue("VMCOREINFO lacks " + key);
      }
    }
  }

  @Test
  void aFreeBlockThatCannotBeIsKept() {
    for (long order : new long[] {-1, 11, 64, Long.MAX_VALUE, 1}) {
      OriginalMachine machine = new OriginalMachine(USUAL, 5);
      long odd = 0x2001;
      machine.setPageStruct(0x2000, 0, 0, 0);
      machine.setPageStruct(odd, 0, order, OriginalMachine.BUDDY);
      machine.jump();
      PageKinds kinds = plan(machine, FreePagePolicy.ANY, 1);
      assertThat(kinds.pages(Reason.MALFORMED)).as("order %d", order).isEqualTo(1);
      assertThat(kinds.inUse().contains(odd)).isTrue();
      assertThat(kinds.examples()).containsKey(Reason.MALFORMED);
    }
  }

  @Test
  void aSectionWithoutPageStructsIsKeptWhole() {
    OriginalMachine.Build build = new OriginalMachine.Build(5, false, true, 64, 22);
    OriginalMachine machine = new OriginalMachine(build, 7);
    // Without EXTREME the table lies in the kernel's image: section 9 is absent, 10 is elsewhere.
    long table = 0x0120_0000L + 0x8_0000L;
    machine.putU64(table + 16 * 9, 0);
    machine.putU64(table + 16 * 10, machine.u64(table) + 0x100_0000L);
    machine.jump();
    PageKinds kinds = plan(machine, FreePagePolicy.ANY, 1);
    assertThat(kinds.everythingKept()).isEmpty();
    assertThat(kinds.pages(Reason.NOT_FOUND)).isEqualTo(2048);
    assertThat(kinds.inUse().countIn(new PageRange(9 * 1024, 11 * 1024))).isEqualTo(2048);
    assertThat(kinds.examples().get(Reason.NOT_FOUND)).contains("section");
    assertPartition(kinds);
  }

  @Test
  void freePagesThatAreCheckedAreKept() {
    OriginalMachine machine = new OriginalMachine(USUAL, 9);
    machine.jump();
    PageKinds kinds = plan(machine, FreePagePolicy.SAVED, 1);
    assertThat(kinds.free().isEmpty()).isTrue();
    assertThat(content(kinds.untouchable())).isEqualTo(inRam(machine.untouchable));
    assertThat(kinds.pages(Reason.FREE)).isEqualTo(inRam(machine.free).cardinality());
    assertPartition(kinds);
  }

  @Provide
  static Arbitrary<OriginalMachine.Build> builds() {
    return Combinators.combine(
            Arbitraries.of(4, 5),
            Arbitraries.of(true, false),
            Arbitraries.of(true, false),
            Arbitraries.of(56, 64, 80),
            Arbitraries.of(22, 23, 25))
        .as(OriginalMachine.Build::new);
  }

  @Provide
  static Arbitrary<Integer> parts() {
    return Arbitraries.integers().between(0, 5);
  }

  @Provide
  static Arbitrary<List<String>> values() {
    Arbitrary<String> number = Arbitraries.longs().map(String::valueOf);
    Arbitrary<String> hex = Arbitraries.longs().map(Long::toHexString);
    Arbitrary<String> small = Arbitraries.integers().between(-2, 70).map(String::valueOf);
    Arbitrary<String> any = Arbitraries.strings().ascii().ofMaxLength(20);
    return Arbitraries.oneOf(number, hex, small, any).list().ofMinSize(1).ofMaxSize(3);
  }

  private static PageKinds plan(OriginalMachine machine, FreePagePolicy freePages, int threads) {
    return plan(machine, machine.memory(), freePages, threads);
  }

  private static PageKinds plan(
      OriginalMachine machine, OriginalMemory memory, FreePagePolicy freePages, int threads) {
    return PageKinds.plan(
        Arena.ofAuto(),
        OriginalMachine.RAM,
        memory,
        machine.note,
        OriginalMachine.NOTE_BYTES,
        freePages,
        threads);
  }

  /** Every page of RAM is in one set, and in one count. */
  private static void assertPartition(PageKinds kinds) {
    BitSet all = content(kinds.inUse());
    all.or(content(kinds.free()));
    all.or(content(kinds.untouchable()));
    assertThat(all).isEqualTo(inRam(everyPage()));
    assertThat(kinds.inUse().count() + kinds.free().count() + kinds.untouchable().count())
        .isEqualTo(all.cardinality());
    assertThat(kinds.pages().values().stream().mapToLong(Long::longValue).sum())
        .isEqualTo(all.cardinality());
    assertThat(Collections.min(kinds.pages().values())).isNotNegative();
  }

  private static BitSet everyPage() {
    BitSet every = new BitSet();
    every.set(0, (int) OriginalMachine.PAGES);
    return every;
  }

  private static BitSet inRam(BitSet pages) {
    BitSet ram = new BitSet();
    for (PageRange range : OriginalMachine.RAM) {
      ram.set((int) range.start(), (int) range.end());
    }
    ram.and(pages);
    return ram;
  }

  private static BitSet content(PageSet set) {
    BitSet content = new BitSet();
    for (PageRange run = set.nextRun(0); !run.isEmpty(); run = set.nextRun(run.end())) {
      content.set((int) run.start(), (int) run.end());
    }
    return content;
  }
}
