package org.dormouse.vmcore;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.dormouse.memory.FreePagePolicy;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;

/**
 * Which of the original kernel's pages matter. Every page of its RAM is in exactly one of the three
 * sets.
 *
 * @param inUse pages to look at: they are saved, or zero
 * @param free pages of the page allocator that nobody has, treated as {@code freePages} says; with
 *     {@link FreePagePolicy#SAVED} there are none, and all are in use
 * @param untouchable pages that must be neither read nor written: broken, or taken away by a driver
 * @param freePages what the free pages have to hold when the kernel wakes
 * @param pages how many pages there are for each reason; in all, its RAM
 * @param examples for people: for each reason that kept pages without need, the first case
 * @param everythingKept why no page could be told from another and all are in use; empty if they
 *     could
 */
public record PageKinds(
    PageSet inUse,
    PageSet free,
    PageSet untouchable,
    FreePagePolicy freePages,
    Map<Reason, Long> pages,
    Map<Reason, String> examples,
    Optional<String> everythingKept) {
  /**
   * The order of the largest free block, 4 MiB: {@code MAX_PAGE_ORDER} in {@code
   * include/linux/mmzone.h} (until 6.7 {@code MAX_ORDER}; x86-64 cannot configure another one).
   */
  static final int MAX_PAGE_ORDER = 10;

  /** Why a page is what it is. */
  public enum Reason {
    /** In use, or in a list of a processor that the allocator counts as used. */
    IN_USE("in use"),
    /** In a free block. */
    FREE("free"),
    /** Taken out of use by a driver ({@code PageOffline()}): untouchable. */
    OFFLINE("offline"),
    /** Broken ({@code PageHWPoison()}): untouchable. */
    POISONED("broken"),
    /** In use, as its struct speaks of a free block that cannot be. */
    MALFORMED("kept because of a malformed free block"),
    /** In use, as the page structs of its section were not found. */
    NOT_FOUND("kept because their page structs were not found"),
    /** In use, as nothing is known of the kernel. */
    UNKNOWN("kept because the kernel's VMCOREINFO makes no sense");

    private final String text;

    Reason(String text) {
      this.text = text;
    }

    /** For people, after a number of pages. */
    public String text() {
      return text;
    }
  }

  /** Makes the maps unmodifiable. */
  public PageKinds {
    pages = Collections.unmodifiableMap(new EnumMap<>(pages));
    examples = Collections.unmodifiableMap(examples);
  }

  /**
   * Reads VMCOREINFO and the page structs. Never fails: what cannot be told is kept.
   *
   * @param arena owns the sets; shared, unless {@code threads} is 1
   * @param ram what is to be told apart, disjoint: the original kernel's RAM without region and low
   *     memory
   * @param memory reaches {@code ram}, and what was swapped out
   * @param note physical address of the VMCOREINFO note
   * @param noteBytes its size, an upper bound
   * @param freePages what the free pages have to hold when the kernel wakes
   * @param threads how many look at the same time, 1 or more
   */
  public static PageKinds plan(
      Arena arena,
      Collection<PageRange> ram,
      OriginalMemory memory,
      long note,
      long noteBytes,
      FreePagePolicy freePages,
      int threads) {
    try {
      PageStructs structs = PageStructs.of(memory, VmcoreInfo.read(memory, note, noteBytes));
      return plan(arena, ram, structs, freePages, threads);
    } catch (IOException e) {
      return everything(arena, ram, freePages, e.getMessage());
    }
  }

  /** The same with page structs that were found. */
  static PageKinds plan(
      Arena arena,
      Collection<PageRange> ram,
      PageStructs structs,
      FreePagePolicy freePages,
      int threads) {
    Plan plan = new Plan(arena, RamRanges.of(ram), structs, freePages);
    plan.run(threads);
    return plan.result();
  }

  /**
   * The plan for a kernel of which nothing is known: all is in use.
   *
   * @param why for people
   */
  public static PageKinds everything(
      Arena arena, Collection<PageRange> ram, FreePagePolicy freePages, String why) {
    RamRanges ranges = RamRanges.of(ram);
    Map<Reason, Long> pages = noCounts();
    pages.put(Reason.UNKNOWN, ranges.pages());
    return new PageKinds(
        PageSet.of(arena, ranges.limit(), ranges.ranges()),
        PageSet.empty(arena, ranges.limit()),
        PageSet.empty(arena, ranges.limit()),
        freePages,
        pages,
        Map.of(),
        Optional.of(why));
  }

  /** How many pages there are for a reason. */
  public long pages(Reason reason) {
    return pages.get(reason);
  }

  private static Map<Reason, Long> noCounts() {
    Map<Reason, Long> counts = new EnumMap<>(Reason.class);
    for (Reason reason : Reason.values()) {
      counts.put(reason, 0L);
    }
    return counts;
  }

  /** Collects what is found in the sections. */
  private static final class Plan implements SectionWalk.Visitor {
    private final RamRanges ram;
    private final PageStructs structs;
    private final FreePagePolicy freePages;

    // Guarded by this.
    private final PageSet inUse;
    private final PageSet free;
    private final PageSet untouchable;
    private final Map<Reason, Long> pages = noCounts();
    private final Map<Reason, String> examples = new EnumMap<>(Reason.class);

    Plan(Arena arena, RamRanges ram, PageStructs structs, FreePagePolicy freePages) {
      this.ram = ram;
      this.structs = structs;
      this.freePages = freePages;
      this.inUse = PageSet.of(arena, ram.limit(), ram.ranges());
      this.free = PageSet.empty(arena, ram.limit());
      this.untouchable = PageSet.empty(arena, ram.limit());
    }

    void run(int threads) {
      SectionWalk.run(ram, structs, threads, this);
    }

    PageKinds result() {
      return new PageKinds(inUse, free, untouchable, freePages, pages, examples, Optional.empty());
    }

    @Override
    public void visit(PageStructs.Reader reader, PageRange section, List<PageRange> parts)
        throws IOException {
      Look look = new Look(structs.layout());
      for (PageRange part : parts) {
        look.at(reader, section, part);
      }
      merge(look);
    }

    @Override
    public synchronized void notFound(List<PageRange> parts, PageRange section, IOException why) {
      for (PageRange part : parts) {
        pages.merge(Reason.NOT_FOUND, part.count(), Long::sum);
      }
      examples.putIfAbsent(Reason.NOT_FOUND, section + ": " + why.getMessage());
    }

    private synchronized void merge(Look look) {
      if (freePages != FreePagePolicy.SAVED) {
        look.free.forEach(
            run -> {
              free.add(run);
              inUse.remove(run);
            });
      }
      look.untouchable.forEach(
          run -> {
            untouchable.add(run);
            inUse.remove(run);
          });
      look.pages.forEach((reason, count) -> pages.merge(reason, count, Long::sum));
      look.malformed.ifPresent(example -> examples.putIfAbsent(Reason.MALFORMED, example));
    }
  }

  /** What is found in one section. */
  private static final class Look {
    private final PageLayout layout;
    private final Runs free = new Runs();
    private final Runs untouchable = new Runs();
    private final Map<Reason, Long> pages = new EnumMap<>(Reason.class);
    private Optional<String> malformed = Optional.empty();

    /** Pages in use that are not yet among {@link #pages}. */
    private long inUse;

    Look(PageLayout layout) {
      this.layout = layout;
    }

    /**
     * Looks at the pages of {@code part}. It begins where a free block that reaches into them would
     * begin: a range of RAM may start in the middle of one, where the region ends.
     */
    void at(PageStructs.Reader reader, PageRange section, PageRange part) throws IOException {
      long pfn = Math.max(section.start(), part.start() >>> MAX_PAGE_ORDER << MAX_PAGE_ORDER);
      while (pfn < part.end()) {
        int count = reader.load(new PageRange(pfn, part.end()));
        long loaded = pfn + count;
        for (int i = 0; pfn < loaded; ) {
          long step = one(reader.words(), i * layout.words(), pfn, part);
          i += (int) step;
          pfn += step;
        }
      }
      add(Reason.IN_USE, inUse);
      inUse = 0;
    }

    /** Looks at one page; returns how many pages it has spoken for. */
    private long one(long[] words, int base, long pfn, PageRange part) {
      if (layout.isBuddy(words, base)) {
        long order = layout.buddyOrder(words, base);
        if (order >= 0 && order <= MAX_PAGE_ORDER && (pfn & ((1L << order) - 1)) == 0) {
          take(free, Reason.FREE, new PageRange(pfn, pfn + (1L << order)).intersect(part));
          return 1L << order;
        }
        if (pfn >= part.start() && malformed.isEmpty()) {
          malformed = Optional.of(String.format("page 0x%x: a free block of order %d", pfn, order));
        }
        add(Reason.MALFORMED, pfn >= part.start() ? 1 : 0);
      } else if (layout.isHwPoison(words, base)) {
        take(untouchable, Reason.POISONED, new PageRange(pfn, pfn + 1).intersect(part));
      } else if (layout.isOffline(words, base)) {
        take(untouchable, Reason.OFFLINE, new PageRange(pfn, pfn + 1).intersect(part));
      } else if (pfn >= part.start()) {
        inUse++;
      }
      return 1;
    }

    private void take(Runs runs, Reason reason, PageRange found) {
      runs.add(found);
      add(reason, found.count());
    }

    private void add(Reason reason, long count) {
      pages.merge(reason, count, Long::sum);
    }
  }

  /** Runs of pages in ascending order, joined. */
  private static final class Runs {
    private long[] bounds = new long[64];
    private int size;

    void add(PageRange run) {
      if (run.isEmpty()) {
        return;
      }
      if (size > 0 && bounds[size - 1] == run.start()) {
        bounds[size - 1] = run.end();
        return;
      }
      if (size == bounds.length) {
        bounds = Arrays.copyOf(bounds, 2 * size);
      }
      bounds[size++] = run.start();
      bounds[size++] = run.end();
    }

    void forEach(Consumer<PageRange> sink) {
      for (int i = 0; i < size; i += 2) {
        sink.accept(new PageRange(bounds[i], bounds[i + 1]));
      }
    }
  }
}
