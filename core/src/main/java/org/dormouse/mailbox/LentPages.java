package org.dormouse.mailbox;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.UUID;
import java.util.function.Consumer;
import org.dormouse.memory.Frames;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;
import org.dormouse.store.PagesStore;

/**
 * Memory that the original kernel lends to a saver, as the saver sees it: frames of a process that
 * holds them, and a list of these in frames of the same process. {@code docs/jump-protocol.md} has
 * every byte.
 *
 * <p>No frame is written to that does not bear the mark which the process has left in it: should
 * the original kernel have moved the memory elsewhere, the frame belongs to somebody else by now.
 * The first page bears none; who writes there has read what is in it.
 *
 * <p>In memory there are 16 bytes for each page of the list, and a bit for each page that is lent.
 * Safe for concurrent use.
 */
public final class LentPages implements PagesStore.Source {
  /** What a page of the list begins with: {@code DORMLIST}. */
  private static final long LIST = letters("DORMLIST");

  /** What a page that is lent begins with: {@code DORMLENT}. */
  private static final long LENT = letters("DORMLENT");

  private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG;

  // Words of a page of the list, and of the mark the first ones.
  private static final int MAGIC = 0;
  private static final int LOAN = 1;
  private static final int NUMBER = 3;
  private static final int NEXT = 4;
  private static final int FIRST = 5;
  private static final int COUNT = 6;
  private static final int RUNS = 8;

  /** A run has two words: the PFN of its first page, and how many there are. */
  private static final int RUN_WORDS = 2;

  /** How many runs a page of the list has room for: 252. */
  public static final int RUNS_IN_PAGE = (Pages.SIZE / Long.BYTES - RUNS) / RUN_WORDS;

  private final Frames frames;
  private final UUID loan;
  private final long pages;

  /** The pages of the list, and the number of the first page that each tells of. */
  private long[] list = new long[16];

  private long[] firsts = new long[16];
  private int listed;

  /** Which pages bear their mark, or are known anyhow. Guarded by itself. */
  private final PageSet known;

  private LentPages(Frames frames, UUID loan, long pages, Arena arena) {
    this.frames = frames;
    this.loan = loan;
    this.pages = pages;
    this.known = PageSet.empty(arena, pages);
    known.add(0);
  }

  /**
   * Reads the list.
   *
   * @param frames reaches all of {@code ram}, to be written too
   * @param ram where frames may be lent: nothing of the saver's
   * @param list the PFN of the first page of the list
   * @param loan by which the pages are known
   * @param pages how many pages are lent, 1 or more
   * @param arena owns what is remembered; shared
   * @throws IOException if there is no such list, or it cannot be right
   */
  public static LentPages open(
      Frames frames, Collection<PageRange> ram, long list, UUID loan, long pages, Arena arena)
      throws IOException {
    LentPages lent = new LentPages(frames, loan, pages, arena);
    lent.read(list, run -> check(run, ram));
    return lent;
  }

  private static void check(PageRange run, Collection<PageRange> ram) throws IOException {
    if (run.isEmpty() || ram.stream().noneMatch(range -> range.contains(run))) {
      throw new IOException("frames " + run + " cannot have been lent");
    }
  }

  /** Looks at a run. */
  private interface Check {
    void of(PageRange run) throws IOException;
  }

  private void read(long first, Check check) throws IOException {
    long told = 0;
    for (long page = first; page != 0; ) {
      PageRange here = possible(page, 1);
      check.of(here);
      remember(page, told);
      try (Frames.Lease lease = frames.lease(here)) {
        MemorySegment words = lease.memory();
        checkHead(words, LIST, listed - 1);
        long count = word(words, COUNT);
        if (count < 1 || count > RUNS_IN_PAGE || word(words, FIRST) != told) {
          throw new IOException("the list of what is lent makes no sense");
        }
        for (int i = 0; i < count; i++) {
          PageRange run = run(words, i);
          check.of(run);
          told += run.count();
        }
        page = word(words, NEXT);
      }
      if (told > pages) {
        break;
      }
    }
    if (told != pages) {
      throw new IOException("the list tells of " + told + " pages of " + pages + " that are lent");
    }
  }

  private void remember(long page, long first) {
    if (listed == list.length) {
      list = Arrays.copyOf(list, 2 * listed);
      firsts = Arrays.copyOf(firsts, 2 * listed);
    }
    list[listed] = page;
    firsts[listed++] = first;
  }

  /** How many frames there are, the list included. */
  public long frames() {
    return pages + listed;
  }

  /** Tells of all frames, the list included: none of them is of interest to anybody else. */
  public void forEachRun(Consumer<PageRange> sink) throws IOException {
    for (int i = 0; i < listed; i++) {
      sink.accept(new PageRange(list[i], list[i] + 1));
      try (Frames.Lease lease = frames.lease(new PageRange(list[i], list[i] + 1))) {
        for (int run = 0; run < word(lease.memory(), COUNT); run++) {
          sink.accept(run(lease.memory(), run));
        }
      }
    }
  }

  @Override
  public long pages() {
    return pages;
  }

  @Override
  public Frames.Lease lease(long first, long most, PagesStore.Use use) throws IOException {
    PageRange wanted = find(first, most);
    // A lease lies within one window.
    long window = Pages.alignDown(wanted.start(), Frames.WINDOW_PAGES) + Frames.WINDOW_PAGES;
    Frames.Lease lease =
        frames.lease(new PageRange(wanted.start(), Math.min(wanted.end(), window)));
    if (use == PagesStore.Use.WRITE) {
      boolean marked = false;
      try {
        checkMarks(first, lease.memory());
        marked = true;
      } finally {
        if (!marked) {
          lease.close();
        }
      }
    }
    return lease;
  }

  /** The frames of pages from {@code first} on, as far as they are neighbours. */
  private PageRange find(long first, long most) throws IOException {
    int found = Arrays.binarySearch(firsts, 0, listed, first);
    int page = found >= 0 ? found : -found - 2;
    long number = firsts[page];
    try (Frames.Lease lease = frames.lease(new PageRange(list[page], list[page] + 1))) {
      for (int i = 0; i < word(lease.memory(), COUNT); i++) {
        PageRange run = run(lease.memory(), i);
        if (first < number + run.count()) {
          long start = run.start() + first - number;
          return new PageRange(start, Math.min(run.end(), start + most));
        }
        number += run.count();
      }
    }
    throw new IOException("page " + first + " is not lent");
  }

  private void checkMarks(long first, MemorySegment memory) throws IOException {
    long count = Pages.pfn(memory.byteSize());
    synchronized (known) {
      for (long i = 0; i < count; i++) {
        if (!known.contains(first + i)) {
          checkHead(memory.asSlice(Pages.address(i), Pages.SIZE), LENT, first + i);
          known.add(first + i);
        }
      }
    }
  }

  private void checkHead(MemorySegment page, long magic, long number) throws IOException {
    if (word(page, MAGIC) != magic
        || word(page, LOAN) != loan.getMostSignificantBits()
        || word(page, LOAN + 1) != loan.getLeastSignificantBits()
        || word(page, NUMBER) != number) {
      throw new IOException(
          "the memory that was lent is not where it was: page " + number + " lacks its mark");
    }
  }

  /** Leaves the mark in a page that is lent. */
  public static void mark(MemorySegment page, UUID loan, long number) {
    head(page, LENT, loan, number);
  }

  /**
   * Writes a page of the list.
   *
   * @param page all zero
   * @param number of this page of the list, from 0 on
   * @param next the PFN of the next one, 0 for none
   * @param first the number of the first lent page that it tells of
   */
  public static ListPage list(MemorySegment page, UUID loan, long number, long next, long first) {
    head(page, LIST, loan, number);
    page.setAtIndex(WORD, NEXT, next);
    page.setAtIndex(WORD, FIRST, first);
    return new ListPage(page);
  }

  /** A page of the list that is being written. */
  public record ListPage(MemorySegment page) {
    /** Adds a run; there are at most {@link #RUNS_IN_PAGE}. */
    public void add(PageRange run) {
      long count = word(page, COUNT);
      page.setAtIndex(WORD, RUNS + count * RUN_WORDS, run.start());
      page.setAtIndex(WORD, RUNS + count * RUN_WORDS + 1, run.count());
      page.setAtIndex(WORD, COUNT, count + 1);
    }
  }

  private static void head(MemorySegment page, long magic, UUID loan, long number) {
    page.setAtIndex(WORD, MAGIC, magic);
    page.setAtIndex(WORD, LOAN, loan.getMostSignificantBits());
    page.setAtIndex(WORD, LOAN + 1, loan.getLeastSignificantBits());
    page.setAtIndex(WORD, NUMBER, number);
  }

  private static PageRange run(MemorySegment words, int index) {
    long start = word(words, RUNS + index * RUN_WORDS);
    long count = word(words, RUNS + index * RUN_WORDS + 1);
    return possible(start, count);
  }

  /** The range, or an empty one if there can be none such. */
  private static PageRange possible(long start, long count) {
    boolean possible = start > 0 && count > 0 && start + count > start;
    return possible ? new PageRange(start, start + count) : new PageRange(0, 0);
  }

  private static long word(MemorySegment page, int index) {
    return page.getAtIndex(WORD, index);
  }

  /** Eight letters as they are in memory. */
  private static long letters(String text) {
    return MemorySegment.ofArray(text.getBytes(StandardCharsets.US_ASCII))
        .get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
  }
}
