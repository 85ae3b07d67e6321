package org.dormouse.vmcore;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;
import org.dormouse.vmcore.SourcePages.Search;
import org.junit.jupiter.api.Test;

/** A list of source pages is believed whole or not at all. */
class SourcePagesTest {
  private static final OriginalMachine.Build BUILD =
      new OriginalMachine.Build(4, true, true, 64, 23);

  /** What may be wrong with one word of a list. */
  private enum Fault {
    NO_FLAG,
    TWO_FLAGS,
    END_TOO_EARLY,
    END_WITH_ADDRESS,
    ADDRESS_TOO_HIGH,
    BACK_TO_THE_FIRST_WORDS,
    WORDS_IN_THE_REGION,
    SOURCE_IN_THE_REGION,
    SOURCE_OF_ANOTHER,
    SOURCE_WHERE_WORDS_ARE,
    SOURCE_THAT_IS_NO_RAM,
    ANOTHER_DESTINATION
  }

  @Property(tries = 10)
  void everyPageIsFoundAgain(@ForAll long seed) throws IOException {
    OriginalMachine machine = new OriginalMachine(BUILD, seed);
    MemorySegment before = copy(machine.physical);
    machine.jump();
    SourcePages pages = ((Search.Found) machine.search()).pages();
    OriginalMemory memory = OriginalMemory.of(machine.frames(), OriginalMachine.RAM, pages);
    byte[] page = new byte[Pages.SIZE];
    long absent = 0;
    for (PageRange range : List.of(OriginalMachine.LOW, OriginalMachine.REGION)) {
      for (long pfn = range.start(); pfn < range.end(); pfn++) {
        assertThat(pages.isSwapped(pfn)).isTrue();
        if (pages.sourceOf(pfn).isEmpty()) {
          absent++;
          continue;
        }
        memory.copyPage(pfn, MemorySegment.ofArray(page));
        MemorySegment expected = before.asSlice(Pages.address(pfn), Pages.SIZE);
        assertThat(expected.mismatch(MemorySegment.ofArray(page))).isEqualTo(-1);
      }
    }
    assertThat(absent).isEqualTo(pages.ownSources());
    assertThat(pages.count() + absent)
        .isEqualTo(OriginalMachine.LOW.count() + OriginalMachine.REGION.count());
    assertThat(pages.isSwapped(0x200)).isFalse();
    assertThat(pages.sourceOf(0x200)).hasValue(0x200);
  }

  @Property(tries = 10)
  void bytesAreReadAcrossPagesThatLieApart(@ForAll long seed) throws IOException {
    OriginalMachine machine = new OriginalMachine(BUILD, seed);
    MemorySegment before = copy(machine.physical);
    machine.jump();
    OriginalMemory memory = machine.memory();
    // The kernel's image was in use throughout.
    for (long page = 0x0120_1000L; page < 0x0140_0000L; page += Pages.SIZE) {
      for (long address = page - 8; address <= page; address++) {
        assertThat(memory.u64(address))
            .isEqualTo(before.get(ValueLayout.JAVA_LONG_UNALIGNED, address));
        assertThat(memory.u32(address))
            .isEqualTo(before.get(ValueLayout.JAVA_INT_UNALIGNED, address));
      }
    }
  }

  @Property(tries = 60)
  void oneWrongWordIsEnough(@ForAll long seed, @ForAll("faults") Fault fault) {
    OriginalMachine machine = new OriginalMachine(BUILD, seed);
    machine.jump();
    assertThat(machine.search()).isInstanceOf(Search.Found.class);
    Random random = new Random(seed);
    long at = machine.words.get(random.nextInt(machine.words.size() - 1));
    machine.putU64(at, wrong(machine, at, fault));
    assertThat(machine.search()).as("%s at 0x%x", fault, at).isInstanceOf(Search.NotFound.class);
  }

  @Test
  void twoListsThatDifferAreOneTooMany() {
    OriginalMachine machine = new OriginalMachine(BUILD, 3);
    machine.jump();
    // The same head twice says the same thing; a copy with another source does not.
    long second = Pages.alignDown(machine.jumpBackEntry, Pages.SIZE) + 0x10;
    machine.putU64(second, machine.u64(machine.headAddress));
    assertThat(machine.search()).isInstanceOf(Search.Found.class);

    long firstPage = machine.u64(machine.headAddress) & -Pages.SIZE;
    long copy = unusedPage(machine, 0x2000);
    long source = unusedPage(machine, Pages.pfn(copy) + 1);
    MemorySegment.copy(machine.physical, firstPage, machine.physical, copy, Pages.SIZE);
    machine.putU64(copy + 8, source | 8);
    machine.putU64(second, copy | 2);
    assertThat(machine.search())
        .isEqualTo(new Search.NotFound("two lists of source pages, of which one must be wrong"));
  }

  @Test
  void aJumpBackEntryElsewhereIsRefused() {
    OriginalMachine machine = new OriginalMachine(BUILD, 4);
    machine.jump();
    for (long entry : new long[] {0, -1, Long.MIN_VALUE, 0x100_0000, 0x2ff_ffff, 1L << 40}) {
      machine.jumpBackEntry = entry;
      assertThat(machine.search()).isInstanceOf(Search.NotFound.class);
    }
  }

  @Provide
  static Arbitrary<Fault> faults() {
    return Arbitraries.of(Fault.class);
  }

  private static long wrong(OriginalMachine machine, long at, Fault fault) {
    long word = machine.u64(at);
    return switch (fault) {
      case NO_FLAG -> word & -Pages.SIZE;
      case TWO_FLAGS -> word | 0x14;
      case END_TOO_EARLY -> 4;
      case END_WITH_ADDRESS -> 0x2000_0004;
      case ADDRESS_TOO_HIGH -> word | 1L << 52;
      case BACK_TO_THE_FIRST_WORDS ->
          at == machine.headAddress ? (at & -Pages.SIZE) | 2 : machine.u64(machine.headAddress);
      case WORDS_IN_THE_REGION -> OriginalMachine.REGION.startAddress() | 2;
      case SOURCE_IN_THE_REGION -> OriginalMachine.LOW.startAddress() + 0x9_d000 | 8;
      case SOURCE_OF_ANOTHER -> another(machine, at, 8);
      case SOURCE_WHERE_WORDS_ARE -> (machine.u64(machine.headAddress) & -Pages.SIZE) | 8;
      case SOURCE_THAT_IS_NO_RAM -> 0x3ff_f000 | 8;
      case ANOTHER_DESTINATION -> another(machine, at, 1) + Pages.SIZE;
    };
  }

  /** A word with this flag from elsewhere in the list. */
  private static long another(OriginalMachine machine, long at, int flag) {
    for (int i = machine.words.size() - 1; ; i--) {
      long address = machine.words.get(i);
      long word = machine.u64(address);
      boolean outside = flag == 1 || word >>> Pages.SHIFT >= OriginalMachine.REGION.end();
      if (address != at && (word & 0xfff) == flag && outside) {
        return word;
      }
    }
  }

  private static long unusedPage(OriginalMachine machine, long from) {
    for (long pfn = from; ; pfn++) {
      MemorySegment page = machine.physical.asSlice(Pages.address(pfn), Pages.SIZE);
      long used = Pages.address(pfn);
      boolean source =
          machine.words.stream()
              .anyMatch(
                  at -> (machine.u64(at) & -Pages.SIZE) == used || (at & -Pages.SIZE) == used);
      if (!source && page.mismatch(MemorySegment.ofArray(new byte[Pages.SIZE])) == -1) {
        return used;
      }
    }
  }

  private static MemorySegment copy(MemorySegment memory) {
    return Arena.ofAuto().allocate(memory.byteSize()).copyFrom(memory);
  }
}
