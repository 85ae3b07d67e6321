package org.dormouse.vmcore;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.junit.jupiter.api.Test;

/** Each page is known for what it is, in the words of each kernel that says it differently. */
class PageCensusTest {
  private static final OriginalMachine.Build USUAL =
      new OriginalMachine.Build(4, true, true, 64, 23);

  /** The region as well: nobody looks at the pages themselves, only at their structs. */
  private static final List<PageRange> RAM =
      List.of(OriginalMachine.RAM.get(0), OriginalMachine.REGION, OriginalMachine.RAM.get(1));

  /** Where {@link OriginalMachine} has the kernel's image mapped. */
  private static final PageRange IMAGE = new PageRange(0x1200, 0x1400);

  private static final List<PageKind> SINGLE =
      List.of(
          PageKind.KERNEL,
          PageKind.RESERVED,
          PageKind.SLAB,
          PageKind.PAGE_TABLE,
          PageKind.CACHE,
          PageKind.CACHE_PRIVATE,
          PageKind.ANONYMOUS,
          PageKind.OFFLINE,
          PageKind.POISONED,
          PageKind.FREE);

  private static final List<PageKind> COMPOUND =
      List.of(
          PageKind.KERNEL,
          PageKind.SLAB,
          PageKind.CACHE,
          PageKind.CACHE_PRIVATE,
          PageKind.ANONYMOUS,
          PageKind.HUGETLB,
          PageKind.POISONED);

  @Property(tries = 40)
  void eachPageIsKnown(
      @ForAll("builds") OriginalMachine.Build build, @ForAll Era era, @ForAll long seed) {
    Population people = new Population(new OriginalMachine(build, seed), era, seed);
    people.settle();
    people.machine.jump();
    PageCensus census = census(people.machine, 1 + (int) (seed & 1));

    assertThat(census.unknown()).isEmpty();
    assertSame(census, people.expected);
    for (int level : new int[] {0, 1, 31, (int) (seed & 31)}) {
      assertKept(census, Exclusions.ofLevel(level), people.expected);
      assertLeftOut(census, Exclusions.ofLevel(level), people.machine);
    }
  }

  @Test
  void aCompoundPageLargerThanASectionIsWhole() {
    OriginalMachine machine =
        new OriginalMachine(new OriginalMachine.Build(5, true, true, 64, 22), 3);
    Population people = new Population(machine, Era.SINCE_6_12, 3);
    people.settle();
    // Four sections of 1024 pages.
    people.compound(0x2000, 12, PageKind.HUGETLB);
    machine.jump();
    assertSame(census(machine, 2), people.expected);
  }

  @Test
  void aTailWithoutItsHeadIsTheKernels() {
    OriginalMachine machine = new OriginalMachine(USUAL, 3);
    Population people = new Population(machine, Era.SINCE_6_12, 3);
    people.settle();
    people.compound(0x2000, 3, PageKind.ANONYMOUS);
    people.compound(0x2008, 3, PageKind.KERNEL);
    for (long lost = 0x2009; lost < 0x2010; lost++) {
      machine.setPageWord(lost, Era.COMPOUND_HEAD, machine.pageStructAddress(0x2000) | 1);
    }
    machine.jump();
    assertSame(census(machine, 1), people.expected);
  }

  @Property(tries = 20)
  void garbageIsAnsweredNotThrown(
      @ForAll("builds") OriginalMachine.Build build, @ForAll Era era, @ForAll long seed) {
    OriginalMachine machine = new OriginalMachine(build, seed);
    new Population(machine, era, seed).settle();
    machine.jump();
    OriginalMemory memory = machine.memory();
    VmcoreInfo info = info(machine);
    Random random = new Random(seed);
    long step = 1L + random.nextInt(8 << (4 * random.nextInt(6)));
    for (long word = 0; word < OriginalMachine.PAGES * 512; word += 1 + random.nextLong(2 * step)) {
      machine.putU64(8 * word, random.nextLong() >> random.nextInt(64));
    }
    assertWhole(PageCensus.take(Arena.ofAuto(), RAM, memory, info, 1, pages -> {}));
  }

  @Property(tries = 30)
  void anyVmcoreInfoIsAnswered(
      @ForAll Era era, @ForAll long seed, @ForAll("values") List<String> values) {
    OriginalMachine machine = new OriginalMachine(USUAL, seed);
    new Population(machine, era, seed).settle();
    List<String> keys = machine.info.keySet().stream().toList();
    Random random = new Random(seed);
    values.forEach(value -> machine.info.put(keys.get(random.nextInt(keys.size())), value));
    machine.jump();
    assertWhole(census(machine, 1));
  }

  @Test
  void ofAnUnknownKernelAllIsKept() {
    OriginalMachine machine = new OriginalMachine(USUAL, 3);
    new Population(machine, Era.SINCE_6_12, 3).settle();
    machine.info.remove("NUMBER(PG_lru)");
    machine.jump();
    PageCensus census = census(machine, 1);
    assertThat(census.unknown()).hasValue("VMCOREINFO lacks NUMBER(PG_lru)");
    assertThat(census.counts().get(PageKind.UNKNOWN)).isEqualTo(pages());
    assertThat(census.kept(Arena.ofAuto(), Exclusions.ofLevel(31)).count()).isEqualTo(pages());
  }

  @Test
  void runsAreAsLongAsCanBeAndHaveTheHoles() {
    OriginalMachine machine = new OriginalMachine(USUAL, 3);
    Population people = new Population(machine, Era.SINCE_6_12, 3);
    for (long pfn = 0; pfn < OriginalMachine.PAGES; pfn++) {
      people.single(pfn, PageKind.SLAB);
    }
    people.single(0x3000, PageKind.RESERVED);
    machine.jump();
    StringBuilder runs = new StringBuilder();
    census(machine, 1)
        .forEachRun(
            new PageRange(0x80, OriginalMachine.PAGES + 5),
            (pages, kind) ->
                runs.append(String.format("%x-%x %s\n", pages.start(), pages.end(), kind.text())));
    assertThat(runs)
        .hasToString(
            """
            80-100 hole
            100-3000 slab
            3000-3001 reserved
            3001-3fe0 slab
            3fe0-4005 hole
            """);
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
  static Arbitrary<List<String>> values() {
    return PageKindsTest.values();
  }

  private static PageCensus census(OriginalMachine machine, int threads) {
    return PageCensus.take(
        Arena.ofAuto(), RAM, machine.memory(), info(machine), threads, pages -> {});
  }

  private static VmcoreInfo info(OriginalMachine machine) {
    StringBuilder text = new StringBuilder();
    machine.info.forEach((key, value) -> text.append(key).append('=').append(value).append('\n'));
    return VmcoreInfo.ofText(text.toString());
  }

  private static long pages() {
    return RAM.stream().mapToLong(PageRange::count).sum();
  }

  private static void assertSame(PageCensus census, PageKind[] expected) {
    Map<PageKind, Long> counts = new EnumMap<>(PageKind.class);
    Arrays.stream(PageKind.values()).forEach(kind -> counts.put(kind, 0L));
    for (PageRange range : RAM) {
      for (long pfn = range.start(); pfn < range.end(); pfn++) {
        PageKind kind = expected[(int) pfn];
        if (kind == PageKind.RESERVED && IMAGE.contains(pfn)) {
          kind = PageKind.KERNEL_IMAGE;
        }
        if (census.kind(pfn) != kind) {
          assertThat(census.kind(pfn)).as("page 0x%x", pfn).isEqualTo(kind);
        }
        counts.merge(kind, 1L, Long::sum);
      }
    }
    assertThat(census.counts()).isEqualTo(counts);
    assertThat(census.kind(0)).isEqualTo(PageKind.HOLE);
    assertThat(census.kind(OriginalMachine.PAGES)).isEqualTo(PageKind.HOLE);
  }

  private static void assertKept(PageCensus census, Exclusions exclusions, PageKind[] expected) {
    PageSet kept = census.kept(Arena.ofAuto(), exclusions);
    long count = 0;
    for (PageRange range : RAM) {
      for (long pfn = range.start(); pfn < range.end(); pfn++) {
        boolean keep = !exclusions.exclude(expected[(int) pfn]);
        if (kept.contains(pfn) != keep) {
          assertThat(kept.contains(pfn)).as("page 0x%x", pfn).isEqualTo(keep);
        }
        count += keep ? 1 : 0;
      }
    }
    assertThat(kept.count()).isEqualTo(count);
  }

  /** What a saver leaves out without a census is what a census would leave out. */
  private static void assertLeftOut(
      PageCensus census, Exclusions exclusions, OriginalMachine machine) {
    try {
      OriginalMemory memory = machine.memory();
      PageSet pages = PageSet.of(Arena.ofAuto(), RAM.getLast().end(), RAM);
      PageCensus.leaveOut(pages, exclusions, RAM, memory, info(machine), 2);
      PageSet kept = census.kept(Arena.ofAuto(), exclusions);
      assertThat(pages.count()).isEqualTo(kept.count());
      pages.removeAll(kept);
      assertThat(pages.isEmpty()).isTrue();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void assertWhole(PageCensus census) {
    assertThat(census.counts().values().stream().mapToLong(Long::longValue).sum())
        .isEqualTo(pages());
  }

  /** How a kernel says it: its VMCOREINFO and the members of its page structs. */
  enum Era {
    UNTIL_6_2,
    FROM_6_3,
    FROM_6_6,
    FROM_6_9,
    IN_6_11,
    SINCE_6_12;

    static final int COMPOUND_HEAD = 8;
    private static final int COMPOUND = 16;
    private static final int MAPPING = 24;

    private static final long LRU = 1 << 5;
    private static final long HEAD = 1 << 6;
    private static final long HUGETLB = 1 << 8;
    private static final long SWAP_CACHE = 1 << 10;
    private static final long SLAB = 1 << 9;
    private static final long RESERVED = 1 << 13;
    private static final long IS_PRIVATE = 1 << 14;
    private static final long SWAP_BACKED = 1 << 17;
    private static final long POISON = 1L << OriginalMachine.HW_POISON_BIT;

    /** Where the type of a page stands in the order buddy, offline, table, guard, hugetlb, slab. */
    int type(int place) {
      return switch (this) {
        case UNTIL_6_2, FROM_6_3, FROM_6_6, FROM_6_9 -> ~(0x80 << place);
        case IN_6_11 -> ~(0x4000_0000 >>> place);
        case SINCE_6_12 -> (0xf0 + place) << 24;
      };
    }

    void describe(Map<String, String> info, int structSize) {
      info.put("OFFSET(page.mapping)", "" + MAPPING);
      info.put("OFFSET(page.compound_head)", "" + COMPOUND_HEAD);
      info.put("NUMBER(PG_lru)", "5");
      info.put("NUMBER(PG_private)", "14");
      info.put("NUMBER(PG_swapcache)", "10");
      info.put("NUMBER(PG_swapbacked)", "17");
      info.put("NUMBER(PG_head_mask)", "64");
      info.put("NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)", "" + type(0));
      info.put("NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)", "" + type(1));
      if (hasDtor()) {
        String base = this == UNTIL_6_2 ? "page.compound_" : "folio._folio_";
        int at = COMPOUND + (this == UNTIL_6_2 ? 0 : structSize);
        info.put("OFFSET(" + base + "dtor)", "" + at);
        info.put("OFFSET(" + base + "order)", "" + (at + 1));
        info.put("NUMBER(HUGETLB_PAGE_DTOR)", "2");
      }
      if (this == FROM_6_6) {
        info.put("NUMBER(PG_hugetlb)", "8");
      }
      if (hasHugetlbType()) {
        info.put("NUMBER(PAGE_HUGETLB_MAPCOUNT_VALUE)", "" + type(4));
      }
      if (hasSlabType()) {
        info.put("NUMBER(PAGE_SLAB_MAPCOUNT_VALUE)", "" + type(5));
      } else {
        info.put("NUMBER(PG_slab)", "9");
      }
    }

    boolean hasDtor() {
      return this == UNTIL_6_2 || this == FROM_6_3;
    }

    boolean hasHugetlbType() {
      return compareTo(FROM_6_9) >= 0;
    }

    boolean hasSlabType() {
      return compareTo(IN_6_11) >= 0;
    }
  }

  /** A machine whose pages are known. */
  private static final class Population {
    private final OriginalMachine machine;
    private final Era era;
    private final Random random;
    private final PageKind[] expected = new PageKind[(int) OriginalMachine.PAGES];

    Population(OriginalMachine machine, Era era, long seed) {
      this.machine = machine;
      this.era = era;
      this.random = new Random(seed);
      era.describe(machine.info, Integer.parseInt(machine.info.get("SIZE(page)")));
    }

    /** Gives each page a use. */
    void settle() {
      for (long pfn = 0; pfn < OriginalMachine.PAGES; ) {
        int order = Math.min(random.nextInt(11), Long.numberOfTrailingZeros(pfn | 1 << 10));
        if (random.nextInt(3) == 0) {
          free(pfn, order);
        } else if (order > 0 && random.nextBoolean()) {
          compound(pfn, order, COMPOUND.get(random.nextInt(COMPOUND.size())));
        } else {
          for (long page = pfn; page < pfn + (1L << order); page++) {
            single(page, SINGLE.get(random.nextInt(SINGLE.size())));
          }
        }
        pfn += 1L << order;
      }
    }

    void free(long pfn, int order) {
      for (long page = pfn; page < pfn + (1L << order); page++) {
        write(page, random.nextInt(16), 0, 0, random.nextInt(9), -1, PageKind.FREE);
      }
      write(pfn, random.nextInt(16), 0, 0, order, era.type(0), PageKind.FREE);
    }

    void single(long pfn, PageKind kind) {
      if (kind == PageKind.FREE) {
        free(pfn, 0);
      } else {
        write(pfn, noise() | flags(kind), 0, mapping(kind), random.nextLong(), type(kind), kind);
      }
    }

    /** Tails say nothing of their own, and most of what is in them is something else. */
    void compound(long pfn, int order, PageKind kind) {
      long head = noise() | Era.HEAD | flags(kind);
      write(pfn, head, 0, mapping(kind), random.nextLong(), type(kind), kind);
      for (long page = pfn + 1; page < pfn + (1L << order); page++) {
        long up = machine.pageStructAddress(pfn) | 1;
        write(page, tailFlags(), up, random.nextLong(), random.nextLong(), -1, kind);
      }
      boolean hugetlb = kind == PageKind.HUGETLB;
      if (era.hasDtor()) {
        long rest = random.nextLong() << 16;
        machine.setPageWord(pfn + 1, Era.COMPOUND, rest | order << 8 | (hugetlb ? 2 : 1));
      } else {
        long mark = hugetlb && era == Era.FROM_6_6 ? Era.HUGETLB : 0;
        machine.setPageWord(pfn + 1, 0, (tailFlags() & ~0x1ffL) | order | mark);
      }
    }

    /** Flags that mean nothing here: locked, dirty, active, mlocked and the node and zone. */
    private long noise() {
      return random.nextLong() & (0xffL << 56 | 0b1001_1111 | 1 << 18) & ~Era.LRU & ~Era.HEAD;
    }

    private long tailFlags() {
      return random.nextLong() & ~Era.HEAD;
    }

    private long flags(PageKind kind) {
      return switch (kind) {
        case SLAB -> era.hasSlabType() ? 0 : Era.SLAB;
        case RESERVED -> Era.RESERVED;
        case CACHE -> Era.LRU;
        case CACHE_PRIVATE -> Era.LRU | Era.IS_PRIVATE;
        case ANONYMOUS ->
            switch (random.nextInt(3)) {
              case 0 -> Era.LRU | Era.SWAP_BACKED;
              case 1 -> Era.SWAP_CACHE | Era.SWAP_BACKED | Era.IS_PRIVATE;
              default -> 0;
            };
        case POISONED -> Era.POISON | (random.nextBoolean() ? Era.LRU : Era.SLAB);
        // In use by a driver, which has the bit of the swap cache for itself.
        case KERNEL -> random.nextBoolean() ? Era.SWAP_CACHE : 0;
        default -> 0;
      };
    }

    private long mapping(PageKind kind) {
      return switch (kind) {
        case ANONYMOUS -> random.nextLong() | 1;
        // A slab has a count of slabs there, which may be odd.
        case SLAB -> random.nextLong();
        default -> random.nextLong() & ~1L;
      };
    }

    private int type(PageKind kind) {
      return switch (kind) {
        case OFFLINE -> era.type(1);
        case PAGE_TABLE -> era.type(2);
        case HUGETLB -> era.hasHugetlbType() ? era.type(4) : -1;
        case SLAB -> era.hasSlabType() ? era.type(5) : -1;
        default -> random.nextInt(3) - 1;
      };
    }

    private void write(
        long pfn, long flags, long up, long mapping, long ownPrivate, int type, PageKind kind) {
      machine.setPageStruct(pfn, flags, ownPrivate, type);
      machine.setPageWord(pfn, Era.COMPOUND_HEAD, up);
      machine.setPageWord(pfn, Era.COMPOUND, random.nextLong());
      machine.setPageWord(pfn, Era.MAPPING, mapping);
      expected[(int) pfn] = kind;
    }
  }

  @Test
  void aKernelWithoutHugetlbHasNone() throws IOException {
    VmcoreInfo info = VmcoreInfo.ofText("SIZE(page)=64\n");
    PageUseLayout.Compound compound = PageUseLayout.Compound.of(info, 64);
    assertThat(compound.hugetlbMask()).isZero();
    assertThat(compound.dtor()).isNegative();
  }
}
