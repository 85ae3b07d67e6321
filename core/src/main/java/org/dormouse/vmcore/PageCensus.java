package org.dormouse.vmcore;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;

/**
 * What every page of a kernel's RAM is for, a byte each, off the heap: for dumps, which leave kinds
 * of pages out, and for pictures. A sleep needs less, and asks {@link PageKinds}.
 *
 * <p>It lives as long as the arena that it was made in. Safe for concurrent use.
 */
public final class PageCensus {
  /** Is told runs of pages of one kind. */
  @FunctionalInterface
  public interface RunVisitor {
    /** Pages, not empty, all of one kind. */
    void run(PageRange pages, PageKind kind);
  }

  private final RamRanges ram;

  /** Where in {@link #codes} the first page of each range of RAM is. */
  private final long[] places;

  /** Of no meaning if nothing is known. */
  private final MemorySegment codes;

  private final Map<PageKind, Long> counts = new EnumMap<>(PageKind.class);
  private Optional<String> unknown = Optional.empty();

  private PageCensus(RamRanges ram, MemorySegment codes) {
    this.ram = ram;
    this.codes = codes;
    List<PageRange> ranges = ram.ranges();
    this.places = new long[ranges.size()];
    for (int i = 1; i < places.length; i++) {
      places[i] = places[i - 1] + ranges.get(i - 1).count();
    }
  }

  /**
   * Reads the page structs. Never fails: what cannot be told is {@link PageKind#UNKNOWN}.
   *
   * @param arena owns the census; shared, if several threads use it or {@code threads} is not 1
   * @param ram what is to be told apart, disjoint
   * @param memory reaches it
   * @param info of the same kernel
   * @param threads how many look at the same time, 1 or more
   * @param looked is told, by any thread, at how many further pages has been looked
   */
  public static PageCensus take(
      Arena arena,
      Collection<PageRange> ram,
      OriginalMemory memory,
      VmcoreInfo info,
      int threads,
      LongConsumer looked) {
    RamRanges ranges = RamRanges.of(ram);
    MemorySegment codes = arena.allocate(Math.max(1, ranges.pages()));
    PageCensus census = new PageCensus(ranges, codes.fill(PageKind.UNKNOWN.code()));
    try {
      census.take(memory, info, threads, looked);
    } catch (IOException e) {
      census.unknown = Optional.of(e.getMessage());
    }
    census.count();
    return census;
  }

  /**
   * The census of a kernel of which nothing is known. It takes no memory.
   *
   * @param why for people
   */
  public static PageCensus unknown(Collection<PageRange> ram, String why) {
    PageCensus census = new PageCensus(RamRanges.of(ram), MemorySegment.NULL);
    census.unknown = Optional.of(why);
    census.count();
    return census;
  }

  /** Why no page could be told from another; empty if they could. */
  public Optional<String> unknown() {
    return unknown;
  }

  /** The kind of page {@code pfn}; {@link PageKind#HOLE} if it is no RAM. */
  public PageKind kind(long pfn) {
    int range = ram.indexOf(pfn);
    return range < 0 ? PageKind.HOLE : PageKind.of(code(range, pfn));
  }

  /** How many pages there are of each kind; of holes none. */
  public Map<PageKind, Long> counts() {
    return Collections.unmodifiableMap(counts);
  }

  /**
   * Tells of all pages of {@code within} in ascending order, holes included, in runs that are as
   * long as can be.
   */
  public void forEachRun(PageRange within, RunVisitor visitor) {
    long pfn = within.start();
    while (pfn < within.end()) {
      int range = ram.indexOf(pfn);
      long end;
      if (range < 0) {
        end = nextRam(pfn, within.end());
        visitor.run(new PageRange(pfn, end), PageKind.HOLE);
      } else {
        end = endOfRun(range, pfn, Math.min(within.end(), ram.at(pfn).end()));
        visitor.run(new PageRange(pfn, end), PageKind.of(code(range, pfn)));
      }
      pfn = end;
    }
  }

  private long endOfRun(int range, long pfn, long limit) {
    if (unknown.isPresent()) {
      return limit;
    }
    byte code = code(range, pfn);
    long end = pfn + 1;
    while (end < limit && code(range, end) == code) {
      end++;
    }
    return end;
  }

  /**
   * The pages that a dump keeps, those that hold nothing but zeros among them.
   *
   * @param arena owns the set, whose limit is the end of RAM
   */
  public PageSet kept(Arena arena, Exclusions exclusions) {
    PageSet kept = PageSet.empty(arena, ram.limit());
    for (PageRange range : ram.ranges()) {
      forEachRun(
          range,
          (pages, kind) -> {
            if (!exclusions.exclude(kind)) {
              kept.add(pages);
            }
          });
    }
    return kept;
  }

  /**
   * Takes the pages out of a set that a dump leaves out. Where page structs are not found, all
   * pages stay.
   *
   * @param pages whose limit is the end of RAM or beyond
   * @param ram what is to be told apart, disjoint
   * @param memory reaches it
   * @param info of the same kernel
   * @param threads how many look at the same time, 1 or more
   * @throws IOException if nothing can be told of this kernel; all pages are in the set still
   */
  public static void leaveOut(
      PageSet pages,
      Exclusions exclusions,
      Collection<PageRange> ram,
      OriginalMemory memory,
      VmcoreInfo info,
      int threads)
      throws IOException {
    RunVisitor remove =
        (run, kind) -> {
          if (exclusions.exclude(kind)) {
            synchronized (pages) {
              pages.remove(run);
            }
          }
        };
    look(RamRanges.of(ram), memory, info, threads, remove, count -> {});
  }

  private void take(OriginalMemory memory, VmcoreInfo info, int threads, LongConsumer looked)
      throws IOException {
    look(ram, memory, info, threads, this::write, looked);
  }

  /** Has {@code sink} told, by any thread, what every page is for; in no order. */
  private static void look(
      RamRanges ram,
      OriginalMemory memory,
      VmcoreInfo info,
      int threads,
      RunVisitor sink,
      LongConsumer looked)
      throws IOException {
    PageStructs structs = PageStructs.of(memory, info);
    PageUseLayout layout = PageUseLayout.of(info);
    PageRange image = AddressTranslation.of(memory, info).kernelImage(info);
    SectionWalk.run(
        ram,
        structs,
        threads,
        new SectionWalk.Visitor() {
          @Override
          public void visit(PageStructs.Reader reader, PageRange section, List<PageRange> parts)
              throws IOException {
            for (PageRange part : parts) {
              new Look(structs, layout, image, reader, section, part, sink).run();
              looked.accept(part.count());
            }
          }

          @Override
          public void notFound(List<PageRange> parts, PageRange section, IOException why) {
            // What was found of it before may be of use.
          }
        });
  }

  private void count() {
    for (PageKind kind : PageKind.values()) {
      counts.put(kind, 0L);
    }
    for (PageRange range : ram.ranges()) {
      forEachRun(range, (pages, kind) -> counts.merge(kind, pages.count(), Long::sum));
    }
  }

  private long nextRam(long pfn, long limit) {
    return ram.within(new PageRange(pfn, limit)).stream()
        .findFirst()
        .map(PageRange::start)
        .orElse(limit);
  }

  private byte code(int range, long pfn) {
    return unknown.isPresent()
        ? PageKind.UNKNOWN.code()
        : codes.get(ValueLayout.JAVA_BYTE, places[range] + pfn - ram.start(range));
  }

  /** Writes the kind of pages that are all in one range of RAM. */
  private void write(PageRange pages, PageKind kind) {
    int range = ram.indexOf(pages.start());
    codes
        .asSlice(places[range] + pages.start() - ram.start(range), pages.count())
        .fill(kind.code());
  }

  /** Looks at the page structs of a part of one section. */
  private static final class Look {
    private final PageStructs structs;
    private final PageUseLayout layout;
    private final PageRange image;
    private final PageStructs.Reader reader;
    private final PageRange section;
    private final PageRange part;
    private final RunVisitor sink;

    /** The pages whose structs are loaded. */
    private long loaded;

    private long loadedEnd;

    Look(
        PageStructs structs,
        PageUseLayout layout,
        PageRange image,
        PageStructs.Reader reader,
        PageRange section,
        PageRange part,
        RunVisitor sink) {
      this.structs = structs;
      this.layout = layout;
      this.image = image;
      this.reader = reader;
      this.section = section;
      this.part = part;
      this.sink = sink;
    }

    /** Begins where a block that reaches into the part would begin, as {@link PageKinds} does. */
    void run() throws IOException {
      long blocks = 1L << PageKinds.MAX_PAGE_ORDER;
      long pfn = Math.max(section.start(), part.start() / blocks * blocks);
      while (pfn < part.end()) {
        pfn = look(pfn);
      }
    }

    /** Looks at one page; returns the first one that it has not spoken for. */
    private long look(long pfn) throws IOException {
      int base = load(pfn);
      long[] words = reader.words();
      PageLayout page = layout.page();
      if (layout.isTail(words, base)) {
        return tail(pfn, layout.headAddress(words, base));
      }
      if (page.isBuddy(words, base)) {
        long order = page.buddyOrder(words, base);
        return order >= 0 && order <= PageKinds.MAX_PAGE_ORDER
            ? found(pfn, 1L << order, PageKind.FREE)
            : found(pfn, 1, PageKind.KERNEL);
      }
      if (layout.isUnaccepted(words, base)) {
        return found(pfn, 1L << PageKinds.MAX_PAGE_ORDER, PageKind.FREE);
      }
      return compound(pfn, base);
    }

    private long compound(long pfn, int base) throws IOException {
      PageKind kind = layout.kind(reader.words(), base);
      if (!layout.isHead(reader.words(), base) || pfn + 1 == section.end()) {
        boolean inImage = kind == PageKind.RESERVED && image.contains(pfn);
        return found(pfn, 1, inImage ? PageKind.KERNEL_IMAGE : kind);
      }
      int second = load(pfn + 1);
      int order = layout.compoundOrder(reader.words(), second, pfn);
      boolean hugetlb = kind != PageKind.POISONED && layout.isHugetlb(reader.words(), second);
      return found(pfn, 1L << order, hugetlb ? PageKind.HUGETLB : kind);
    }

    /**
     * A page of a compound one whose head was not met: it is larger than a section, or its head
     * says that it is smaller.
     */
    private long tail(long pfn, long headAddress) throws IOException {
      long head = reader.pfnOf(headAddress);
      if (head < 0 || head >= section.start()) {
        return found(pfn, 1, PageKind.KERNEL);
      }
      PageRange headSection = new PageRange(head, head + 1);
      try (PageStructs.Reader other = structs.reader(head)) {
        other.load(headSection);
        boolean isHead = layout.isHead(other.words(), 0) && !layout.isTail(other.words(), 0);
        PageKind kind = layout.kind(other.words(), 0);
        other.load(new PageRange(head + 1, head + 2));
        long end = head + (1L << layout.compoundOrder(other.words(), 0, head));
        return isHead && pfn < end
            ? found(pfn, end - pfn, layout.isHugetlb(other.words(), 0) ? PageKind.HUGETLB : kind)
            : found(pfn, 1, PageKind.KERNEL);
      }
    }

    private long found(long pfn, long count, PageKind kind) {
      PageRange run = new PageRange(pfn, pfn + count).intersect(part);
      if (!run.isEmpty()) {
        sink.run(run, kind);
      }
      return pfn + count;
    }

    /** Has the struct of a page in the section loaded; returns where it begins. */
    private int load(long pfn) throws IOException {
      if (pfn < loaded || pfn >= loadedEnd) {
        loaded = pfn;
        loadedEnd = pfn + reader.load(new PageRange(pfn, section.end()));
      }
      return (int) (pfn - loaded) * layout.page().words();
    }
  }
}
