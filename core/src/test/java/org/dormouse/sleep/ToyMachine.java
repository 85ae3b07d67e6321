package org.dormouse.sleep;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;

/**
 * A machine of a few hundred pages in the middle of a resume: random RAM, a saver region with a
 * stub in it, an image, a resume kernel that occupies some pages and holds others locked. Its
 * memory is real, so that a placement can be carried out, and it has a stub in Java.
 */
final class ToyMachine {
  static final int LIMIT = 400;
  private static final long BASE = 0x7f00_0000_0000L;

  /** What the resume kernel leaves in its own pages, the stub in its own. */
  private static final byte RESUME_KERNEL = (byte) 0xcc;

  private static final byte STUB = (byte) 0x5b;

  final PageSet image;
  final PageSet locked;
  final PlacementPlan.Memory rest;
  final LockedPages lockedPages;
  final List<Long> listPages = new ArrayList<>();
  final BitSet sources = new BitSet();
  final BitSet destinations = new BitSet();

  private final MemorySegment memory;
  private final long[] pfnAt = new long[LIMIT];

  /**
   * @param ramShare how much of the machine is RAM, per cent
   * @param imageShare how much of RAM is in the image, per cent
   * @param lockedShare how much of RAM is locked, per cent
   */
  ToyMachine(Arena arena, Random random, int ramShare, int imageShare, int lockedShare) {
    PageSet ram = scattered(arena, random, ramShare);
    PageSet keep = scattered(arena, random, 10);
    PageSet stub = scattered(arena, random, 30);
    stub.retainAll(keep);
    rest = new PlacementPlan.Memory(ranges(ram), ranges(keep), ranges(stub));
    image = scattered(arena, random, imageShare);
    image.retainAll(ram);
    image.removeAll(keep);
    locked = scattered(arena, random, lockedShare);
    locked.retainAll(ram);
    locked.remove(0);
    memory = arena.allocate(Pages.address(LIMIT), Pages.SIZE);
    lockedPages = lock(arena, random);
    for (int pfn = 0; pfn < LIMIT; pfn++) {
      page(pfn).fill(locked.contains(pfn) ? 0 : RESUME_KERNEL);
    }
    stubPages().forEach(pfn -> page(pfn).fill(STUB));
  }

  /** What the original kernel had in page {@code pfn}: zeroes, unless it is in the image. */
  byte original(long pfn) {
    return image.contains(pfn) ? (byte) (1 + pfn % 199) : 0;
  }

  /** Writes every page of the image where the plan wants it, chunk by chunk in any order. */
  void place(PlacementPlan plan, Random random) {
    List<Long> chunks = new ArrayList<>();
    for (long pfn = 0; pfn < LIMIT; pfn += 16) {
      chunks.add(pfn);
    }
    Collections.shuffle(chunks, random);
    PlacementCursor cursor = plan.cursor(lockedPages);
    for (long chunk : chunks) {
      long end = Math.min(LIMIT, chunk + 16);
      for (long pfn = image.next(chunk); pfn < end; pfn = image.next(pfn + cursor.pages())) {
        cursor.seek(pfn, end - pfn);
        for (long i = 0; i < cursor.pages(); i++) {
          atVirtual(cursor.address() + Pages.address(i)).fill(original(pfn + i));
        }
      }
    }
  }

  /** The memory of a list page, which must be locked. */
  MemorySegment listPage(long pfn) {
    listPages.add(pfn);
    return atVirtual(lockedPages.addressOf(pfn));
  }

  /** Does what the stub does, reading the list as it is documented, byte by byte. */
  void runStub(long head) {
    for (long list = head; list != 0; list = word(list)) {
      for (long i = 0; i < word(list + 8); i++) {
        long entry = list + 16 + i * 24;
        execute(word(entry) >>> 12, word(entry + 8) >>> 12, word(entry + 16));
      }
    }
    long list = head;
    while (list != 0) {
      long next = word(list);
      page(list >>> 12).fill((byte) 0);
      list = next;
    }
  }

  /** The pages of RAM, but those the original kernel restores itself, that are not as they were. */
  List<Long> wrongPages() {
    List<Long> wrong = new ArrayList<>();
    for (PageRange range : rest.ram()) {
      for (long pfn = range.start(); pfn < range.end(); pfn++) {
        if (!in(rest.keep(), pfn) && !holdsOnly(pfn, original(pfn))) {
          wrong.add(pfn);
        }
      }
    }
    return wrong;
  }

  /** Whether the stub's pages are as they were loaded. */
  boolean stubIsWhole() {
    return stubPages().stream().allMatch(pfn -> holdsOnly(pfn, STUB));
  }

  private void execute(long source, long destination, long pages) {
    for (long i = 0; i < pages; i++) {
      destinations.set((int) (destination + i));
      if (source == 0) {
        page(destination + i).fill((byte) 0);
      } else {
        sources.set((int) (source + i));
        page(destination + i).copyFrom(page(source + i));
        page(source + i).fill((byte) 0);
      }
    }
  }

  private LockedPages lock(Arena arena, Random random) {
    List<PageRange> runs = new ArrayList<>(ranges(locked));
    Collections.shuffle(runs, random);
    Arrays.fill(pfnAt, -1);
    LockedPages.Builder builder = LockedPages.builder(arena);
    int at = 0;
    for (PageRange run : runs) {
      for (long pfn = run.start(); pfn < run.end(); pfn++) {
        builder.append(BASE + Pages.address(at), pfn, 1);
        pfnAt[at++] = pfn;
      }
    }
    return builder.build();
  }

  private MemorySegment atVirtual(long address) {
    return page(pfnAt[(int) Pages.pfn(address - BASE)]);
  }

  private MemorySegment page(long pfn) {
    return memory.asSlice(Pages.address(pfn), Pages.SIZE);
  }

  private long word(long address) {
    return memory.get(ValueLayout.JAVA_LONG, address);
  }

  private boolean holdsOnly(long pfn, byte value) {
    long word = value & 0xffL;
    word |= word << 8;
    word |= word << 16;
    word |= word << 32;
    for (long at = Pages.address(pfn); at < Pages.address(pfn + 1); at += Long.BYTES) {
      if (word(at) != word) {
        return false;
      }
    }
    return true;
  }

  private List<Long> stubPages() {
    List<Long> pages = new ArrayList<>();
    for (PageRange range : rest.stub()) {
      for (long pfn = range.start(); pfn < range.end(); pfn++) {
        pages.add(pfn);
      }
    }
    return pages;
  }

  private static boolean in(List<PageRange> ranges, long pfn) {
    return ranges.stream().anyMatch(range -> range.contains(pfn));
  }

  /** Pages in clumps, each clump in with a likelihood of {@code share} per cent. */
  private static PageSet scattered(Arena arena, Random random, int share) {
    PageSet pages = PageSet.empty(arena, LIMIT);
    int clump = 1 + random.nextInt(12);
    for (int pfn = 0; pfn < LIMIT; ) {
      int end = Math.min(LIMIT, pfn + 1 + random.nextInt(clump));
      if (random.nextInt(100) < share) {
        pages.add(new PageRange(pfn, end));
      }
      pfn = end;
    }
    return pages;
  }

  private static List<PageRange> ranges(PageSet pages) {
    List<PageRange> ranges = new ArrayList<>();
    for (PageRange run = pages.nextRun(0); !run.isEmpty(); run = pages.nextRun(run.end())) {
      ranges.add(run);
    }
    return ranges;
  }
}
