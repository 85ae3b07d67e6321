package org.dormouse.vmcore;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.dormouse.memory.Frames;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;

/**
 * Where the pages are that the original kernel had in the saver region and in low memory: on the
 * way to the saver they were swapped with their <em>source pages</em>, page by page.
 *
 * <p>The list of them is the one that kexec made when the saver was loaded, {@code struct kimage}
 * in {@code include/linux/kexec.h}: a stream of words, each a page aligned physical address and one
 * flag. {@code relocate_kernel} leaves its head in the control page, where it needs it again to
 * swap the pages back.
 *
 * <p>A page of the region that was free when the saver was loaded may have become its own source
 * ({@code kimage_alloc_page}): the original kernel has nothing there.
 */
public final class SourcePages {
  /** What a search came to. */
  public sealed interface Search {
    /** The list, checked as strictly as can be. */
    record Found(SourcePages pages) implements Search {}

    /**
     * No list, or more than one.
     *
     * @param reason for people: what was tried and what was wrong with it
     */
    record NotFound(String reason) implements Search {}
  }

  /** The flags of a word, {@code include/linux/kexec.h}. */
  private static final int IND_DESTINATION = 1;

  private static final int IND_INDIRECTION = 2;
  private static final int IND_DONE = 4;
  private static final int IND_SOURCE = 8;
  private static final int FLAGS = Pages.SIZE - 1;

  /** {@code PHYSICAL_PAGE_MASK} at its widest, bits 12 to 51. */
  private static final long ADDRESS = 0x000f_ffff_ffff_f000L;

  /**
   * How far from the page of the jump back entry its control page may begin or end: {@code
   * KEXEC_CONTROL_PAGE_SIZE} is two pages ({@code arch/x86/include/asm/kexec.h}), and the code lies
   * in one of them.
   */
  private static final long CONTROL_PAGES_BESIDE = 1;

  private final RamRanges swapped;

  /** The number in {@link #sources} of the first page of each range. */
  private final long[] firstIndex;

  /** The source page's PFN for each page of the ranges; the page's own if it has no other. */
  private final long[] sources;

  private SourcePages(RamRanges swapped) {
    this.swapped = swapped;
    List<PageRange> ranges = swapped.ranges();
    this.firstIndex = new long[ranges.size()];
    long index = 0;
    for (int i = 0; i < firstIndex.length; i++) {
      firstIndex[i] = index;
      index += ranges.get(i).count();
    }
    this.sources = new long[Math.toIntExact(index)];
    Arrays.fill(sources, -1);
  }

  /** Nothing was swapped: every page is where it was. */
  public static SourcePages none() {
    return new SourcePages(RamRanges.of(List.of()));
  }

  /**
   * Looks for the list in the pages around the jump back entry. Every word there that could be its
   * head is followed, and believed only if the list names exactly the pages of {@code swapped} as
   * destinations, each once, each with another source in {@code ram} or itself; and if there is no
   * second such list that says something else. So it does not matter where a kernel version keeps
   * the head.
   *
   * @param frames reaches all of {@code ram}
   * @param ram the original kernel's RAM without the pages of {@code swapped}
   * @param swapped the pages that belong to the saver, as they were loaded: region and low memory
   * @param jumpBackEntry physical address
   */
  public static Search find(
      Frames frames, Collection<PageRange> ram, Collection<PageRange> swapped, long jumpBackEntry) {
    RamRanges reachable = RamRanges.of(ram);
    RamRanges wanted = RamRanges.of(swapped);
    long entry = Pages.pfn(jumpBackEntry);
    if (!reachable.contains(entry)) {
      return new Search.NotFound(
          String.format("the jump back entry 0x%x is not in its memory", jumpBackEntry));
    }
    Optional<SourcePages> found = Optional.empty();
    String lastFault = "no word looks like the head of a list";
    long[] words = new long[Pages.SIZE / Long.BYTES];
    for (long pfn = entry - CONTROL_PAGES_BESIDE; pfn <= entry + CONTROL_PAGES_BESIDE; pfn++) {
      if (!reachable.contains(pfn)) {
        continue;
      }
      try {
        readPage(frames, pfn, words);
      } catch (IOException e) {
        lastFault = e.getMessage();
        continue;
      }
      for (long word : words) {
        if (!looksLikeHead(word, reachable)) {
          continue;
        }
        try {
          SourcePages pages = new Walk(frames, reachable, wanted).from(word);
          if (found.isPresent() && !Arrays.equals(found.get().sources, pages.sources)) {
            return new Search.NotFound("two lists of source pages, of which one must be wrong");
          }
          found = Optional.of(pages);
        } catch (IOException e) {
          lastFault = String.format("the list at 0x%x: %s", word & ADDRESS, e.getMessage());
        }
      }
    }
    if (found.isPresent()) {
      return new Search.Found(found.get());
    }
    return new Search.NotFound(
        String.format(
            "no list of source pages near the jump back entry 0x%x (%s)",
            jumpBackEntry, lastFault));
  }

  /** Whether page {@code pfn} was swapped out, or belongs to nobody but the saver. */
  public boolean isSwapped(long pfn) {
    return swapped.contains(pfn);
  }

  /**
   * Where the content of page {@code pfn} is, a PFN: the page itself if it was not swapped. Empty
   * if the original kernel has nothing there.
   */
  public OptionalLong sourceOf(long pfn) {
    int index = indexOf(pfn);
    if (index < 0) {
      return OptionalLong.of(pfn);
    }
    return sources[index] == pfn ? OptionalLong.empty() : OptionalLong.of(sources[index]);
  }

  /** How many pages have a source page elsewhere. */
  public long count() {
    return sources.length - ownSources();
  }

  /** How many pages of the saver are pages that the original kernel had nothing in. */
  public long ownSources() {
    long own = 0;
    for (PageRange range : swapped.ranges()) {
      for (long pfn = range.start(); pfn < range.end(); pfn++) {
        own += sources[indexOf(pfn)] == pfn ? 1 : 0;
      }
    }
    return own;
  }

  /** The number of a page in the table, negative if it was not swapped. */
  private int indexOf(long pfn) {
    int range = swapped.indexOf(pfn);
    return range < 0 ? -1 : (int) (firstIndex[range] + pfn - swapped.start(range));
  }

  private static boolean looksLikeHead(long word, RamRanges ram) {
    return (word & ~ADDRESS) == IND_INDIRECTION && ram.contains(Pages.pfn(word & ADDRESS));
  }

  private static void readPage(Frames frames, long pfn, long[] words) throws IOException {
    try (Frames.Lease lease = frames.lease(new PageRange(pfn, pfn + 1))) {
      MemorySegment.copy(lease.memory(), ValueLayout.JAVA_LONG, 0, words, 0, words.length);
    }
  }

  /** One attempt to follow a list. */
  private static final class Walk {
    private final Frames frames;
    private final RamRanges ram;
    private final SourcePages pages;
    private final long[] words = new long[Pages.SIZE / Long.BYTES];

    /** Source pages and pages of words: no page may be two of them. */
    private final long[] used;

    private int usedCount;
    private int assigned;
    private int pagesOfWords;

    Walk(Frames frames, RamRanges ram, RamRanges swapped) {
      this.frames = frames;
      this.ram = ram;
      this.pages = new SourcePages(swapped);
      this.used = new long[pages.sources.length + mostPagesOfWords()];
    }

    /** Follows the list, each step of which uses up one page of words or one word of it. */
    SourcePages from(long head) throws IOException {
      long destination = -1;
      int next = enter(head);
      while (true) {
        if (next == words.length) {
          throw new VmcoreException("a page of words has no end");
        }
        long word = words[next++];
        check((word & ~ADDRESS & ~FLAGS) == 0, "an address that cannot be", word);
        long page = Pages.pfn(word & ADDRESS);
        switch ((int) (word & FLAGS)) {
          case IND_DESTINATION -> destination = page;
          case IND_SOURCE -> assign(destination++, page);
          case IND_INDIRECTION -> next = enter(word);
          case IND_DONE -> {
            check(word == IND_DONE, "an end with an address", word);
            finish();
            return pages;
          }
          default -> throw fault("a word without a meaning", word);
        }
      }
    }

    /**
     * A page of words has 511 besides the address of the next one. Each source page is a word, and
     * so is the start of each segment, of which there are at most as many as pages.
     */
    private int mostPagesOfWords() {
      return pages.sources.length / 255 + 2;
    }

    private int enter(long word) throws IOException {
      long page = Pages.pfn(word & ADDRESS);
      check(pagesOfWords++ < mostPagesOfWords(), "too long a list", word);
      check(ram.contains(page), "words outside of the original kernel's memory", word);
      use(page);
      readPage(frames, page, words);
      return 0;
    }

    private void assign(long destination, long source) throws VmcoreException {
      long word = Pages.address(source) | IND_SOURCE;
      int index = destination < 0 ? -1 : pages.indexOf(destination);
      check(index >= 0, "a destination that is not the saver's", word);
      check(pages.sources[index] < 0, "a second source for one destination", word);
      check(
          source == destination || ram.contains(source),
          "a source outside of the original kernel's memory",
          word);
      pages.sources[index] = source;
      assigned++;
      if (source != destination) {
        use(source);
      }
    }

    private void use(long page) {
      used[usedCount++] = page;
    }

    private void finish() throws VmcoreException {
      if (assigned != pages.sources.length) {
        throw new VmcoreException(
            "it names " + assigned + " pages of the saver's " + pages.sources.length);
      }
      Arrays.sort(used, 0, usedCount);
      for (int i = 1; i < usedCount; i++) {
        check(used[i] != used[i - 1], "a page that is used twice", Pages.address(used[i]));
      }
    }

    private static void check(boolean right, String otherwise, long word) throws VmcoreException {
      if (!right) {
        throw fault(otherwise, word);
      }
    }

    private static VmcoreException fault(String what, long word) {
      return new VmcoreException(String.format("%s (0x%x)", what, word));
    }
  }
}
