package org.dormouse.sleep;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.dormouse.linux.HeldMemory;
import org.dormouse.linux.LinuxException;
import org.dormouse.linux.MemoryInfo;
import org.dormouse.linux.PhysicalPages;
import org.dormouse.linux.Sysctl;
import org.dormouse.mailbox.LentPages;
import org.dormouse.memory.Frames;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;
import org.dormouse.store.PagesStore;
import org.dormouse.text.Quantity;
import org.dormouse.text.ReportException;

/**
 * In the original kernel: memory of this process that is lent to a saver, to write an image into.
 * It is there as long as this is open; what the saver has written can be read when this kernel goes
 * on. {@link LentPages} is the saver's view of it.
 *
 * <p>None of it is in the saver region or in low memory: what lies there is swapped out while a
 * saver runs. And it must not move: the saver knows it by its frames. The kernel is told not to
 * move it, and before the jump it is looked whether it has; should it move after that, the saver
 * finds its marks missing and writes nothing.
 */
final class Loan implements AutoCloseable, PagesStore.Source {
  /** Taken piece by piece, so that it is seen when the machine gets short of memory. */
  private static final long PIECE_BYTES = 64L << 20;

  /** Pieces may lie in the saver region: no more of them than any region is large. */
  private static final int MOST_USELESS_PIECES = 64;

  private final UUID image;
  private final List<PageRange> ram;
  private final Sysctl.Compaction compactionBefore;
  private final List<HeldMemory> pieces = new ArrayList<>();

  /** All that a saver can use. */
  private final Runs all = new Runs(pieces);

  /** All but the first pages, in which the list of it lies. */
  private Runs lent = all;

  private Loan(UUID image, List<PageRange> ram, Sysctl.Compaction compactionBefore) {
    this.image = image;
    this.ram = ram;
    this.compactionBefore = compactionBefore;
  }

  /**
   * Takes memory.
   *
   * @param image by which the saver knows it
   * @param least how many pages there have to be
   * @param most how many are wanted
   * @param ram where they may lie: all that is in its place while a saver runs
   * @param reserveBytes what has to stay available to everybody else
   * @throws ReportException if there is not so much
   */
  static Loan take(UUID image, long least, long most, List<PageRange> ram, long reserveBytes)
      throws IOException {
    Sysctl.Compaction before = Sysctl.compaction();
    Sysctl.setCompaction(Sysctl.Compaction.SPARES_LOCKED_MEMORY);
    Loan loan = new Loan(image, ram, before);
    boolean taken = false;
    try {
      loan.take(least, most, reserveBytes);
      loan.lend();
      taken = true;
      return loan;
    } finally {
      if (!taken) {
        loan.close();
      }
    }
  }

  private void take(long least, long most, long reserveBytes) throws IOException {
    int useless = 0;
    boolean more = true;
    while (more && missing(most) > 0 && useless <= MOST_USELESS_PIECES) {
      long missing = missing(most);
      long bytes = Math.min(PIECE_BYTES, Pages.address(missing));
      more = MemoryInfo.read().available() >= bytes + reserveBytes && add(bytes);
      useless += missing(most) == missing ? 1 : 0;
    }
    if (missing(least) > 0) {
      throw tooLittle(least, reserveBytes);
    }
  }

  /** How many pages there are too few, to lend so many. */
  private long missing(long pages) {
    return pages + listPages(all) - all.pages();
  }

  private static int listPages(Runs runs) {
    return (runs.count() + LentPages.RUNS_IN_PAGE - 1) / LentPages.RUNS_IN_PAGE;
  }

  /** Whether there was memory for one more piece. */
  private boolean add(long bytes) throws IOException {
    try {
      pieces.add(HeldMemory.take(bytes));
    } catch (LinuxException e) {
      return false;
    }
    look(pieces.size() - 1, all);
    return true;
  }

  private ReportException tooLittle(long pages, long reserveBytes) {
    return new ReportException(
        String.format(
            "too little memory to hold the image: of %s that it needs at least, %s were to be had before"
                + " less than %s would have been left for everybody else",
            Quantity.bytes(Pages.address(pages)),
            Quantity.bytes(Pages.address(all.pages())),
            Quantity.bytes(reserveBytes)),
        "The machine goes on; the memory was given back.",
        SnapshotNeeds.REMEDY);
  }

  /** Adds what of a piece a saver can use. */
  private void look(int piece, Runs found) throws IOException {
    MemorySegment memory = pieces.get(piece).memory();
    PhysicalPages.translate(
        memory,
        (address, pfn, pages) -> {
          PageRange frames = new PageRange(pfn, pfn + pages);
          for (PageRange range : ram) {
            PageRange usable = frames.intersect(range);
            if (!usable.isEmpty()) {
              long offset = address - memory.address() + Pages.address(usable.start() - pfn);
              found.add(piece, offset, usable);
            }
          }
        });
  }

  /**
   * Marks each page, and writes down which they are. The list lies in the first of them: when this
   * is done there may be no other memory left but what no saver can use.
   */
  private void lend() {
    lent = all.withoutFirst(listPages(all));
    lent.forEachPage((memory, number) -> LentPages.mark(memory, image, number));
    int listPages = listPages(lent);
    for (int page = 0; page < listPages; page++) {
      int first = page * LentPages.RUNS_IN_PAGE;
      LentPages.ListPage written =
          LentPages.list(
              all.page(page),
              image,
              page,
              page + 1 < listPages ? all.frame(page + 1) : 0,
              lent.first(first));
      for (int i = first; i < Math.min(lent.count(), first + LentPages.RUNS_IN_PAGE); i++) {
        written.add(lent.frames(i));
      }
    }
  }

  /** The PFN of the first page of the list of what is lent. */
  long list() {
    return all.frame(0);
  }

  @Override
  public long pages() {
    return lent.pages();
  }

  /** In how many pieces it lies. */
  int pieces() {
    return lent.count();
  }

  /**
   * Looks whether all is where it was.
   *
   * @throws ReportException if it is not
   */
  void checkNotMoved() throws IOException {
    Runs now = new Runs(pieces);
    for (int piece = 0; piece < pieces.size(); piece++) {
      look(piece, now);
    }
    if (!now.lieAs(all)) {
      throw new ReportException(
          "the kernel has moved the memory that is to hold the image",
          "There is no snapshot; the machine goes on.",
          "Try again, or name a device for the image with --through.");
    }
  }

  @Override
  public Frames.Lease lease(long first, long most, PagesStore.Use use) {
    MemorySegment memory = lent.from(first);
    MemorySegment wanted = memory.asSlice(0, Math.min(memory.byteSize(), Pages.address(most)));
    return new Frames.Lease() {
      @Override
      public MemorySegment memory() {
        return wanted;
      }

      @Override
      public void close() {
        // It is held as long as the loan is open.
      }
    };
  }

  /** Gives the memory back. */
  @Override
  public void close() throws IOException {
    pieces.forEach(HeldMemory::close);
    if (compactionBefore == Sysctl.Compaction.MOVES_LOCKED_MEMORY) {
      Sysctl.setCompaction(compactionBefore);
    }
  }

  /** Runs of pages that neighbour each other, in this process and in physical memory. */
  private static final class Runs {
    private final List<HeldMemory> held;
    private int count;

    /** The number of the piece of memory of each run, and where in that it is, in bytes. */
    private int[] places = new int[64];

    private long[] offsets = new long[64];

    /** The PFN of the first page of each run. */
    private long[] starts = new long[64];

    /** The number of the first page of each run, and behind the last one how many there are. */
    private long[] firsts = new long[65];

    Runs(List<HeldMemory> held) {
      this.held = held;
    }

    void add(int piece, long offset, PageRange frames) {
      if (count == starts.length) {
        places = Arrays.copyOf(places, 2 * count);
        offsets = Arrays.copyOf(offsets, 2 * count);
        starts = Arrays.copyOf(starts, 2 * count);
        firsts = Arrays.copyOf(firsts, 2 * count + 1);
      }
      places[count] = piece;
      offsets[count] = offset;
      starts[count] = frames.start();
      firsts[count + 1] = firsts[count] + frames.count();
      count++;
    }

    /** The same without so many pages at the beginning. */
    Runs withoutFirst(long pages) {
      Runs rest = new Runs(held);
      for (int run = 0; run < count; run++) {
        long skipped = Math.clamp(pages - firsts[run], 0, firsts[run + 1] - firsts[run]);
        PageRange frames = frames(run);
        PageRange left = new PageRange(frames.start() + skipped, frames.end());
        if (!left.isEmpty()) {
          rest.add(places[run], offsets[run] + Pages.address(skipped), left);
        }
      }
      return rest;
    }

    int count() {
      return count;
    }

    long pages() {
      return firsts[count];
    }

    long first(int run) {
      return firsts[run];
    }

    PageRange frames(int run) {
      return new PageRange(starts[run], starts[run] + firsts[run + 1] - firsts[run]);
    }

    private int runOf(long page) {
      int found = Arrays.binarySearch(firsts, 0, count, page);
      return found >= 0 ? found : -found - 2;
    }

    /** The memory of a page and of those behind it that are in the same run. */
    MemorySegment from(long page) {
      int run = runOf(page);
      long inRun = page - firsts[run];
      return memory(run).asSlice(Pages.address(inRun));
    }

    private MemorySegment memory(int run) {
      return held.get(places[run]).memory().asSlice(offsets[run], frames(run).bytes());
    }

    /** The memory of a page. */
    MemorySegment page(long page) {
      return from(page).asSlice(0, Pages.SIZE);
    }

    /** The PFN of a page. */
    long frame(long page) {
      int run = runOf(page);
      return starts[run] + page - firsts[run];
    }

    /** Something done with each page. */
    interface PageVisitor {
      void page(MemorySegment memory, long number);
    }

    void forEachPage(PageVisitor visitor) {
      for (int run = 0; run < count; run++) {
        MemorySegment memory = memory(run);
        for (long at = 0; at < memory.byteSize(); at += Pages.SIZE) {
          visitor.page(memory.asSlice(at, Pages.SIZE), firsts[run] + Pages.pfn(at));
        }
      }
    }

    boolean lieAs(Runs other) {
      return count == other.count
          && Arrays.equals(starts, 0, count, other.starts, 0, count)
          && Arrays.equals(firsts, 0, count + 1, other.firsts, 0, count + 1);
    }
  }
}
