package org.dormouse.boot;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;

/**
 * Page tables that map some memory to itself, and the processor's local APIC: what a stub runs on.
 *
 * <p>What is not named is not mapped. A processor may read ahead from whatever is mapped, and some
 * machines stop when it does so where there is no RAM.
 *
 * <p>Format: Intel SDM volume 3A, section 4.5 "4-level paging and 5-level paging". The root is the
 * first page.
 */
public final class PageTables {
  /**
   * The page of the local APIC's registers, unless the firmware has moved it: {@code
   * APIC_DEFAULT_PHYS_BASE} in {@code arch/x86/include/asm/apicdef.h}. It is mapped uncached.
   */
  public static final PageRange LOCAL_APIC = PageRange.within(0xfee00000L, 0xfee01000L);

  private static final int INDEX_BITS = 9;
  private static final int ENTRIES = 1 << INDEX_BITS;
  private static final int LARGE_SHIFT = Pages.SHIFT + INDEX_BITS; // 2 MiB: every x86-64 can
  private static final long LARGE_PAGES = Pages.LARGE_SIZE / Pages.SIZE;
  // A and D are set in advance, so that the processor need not write.
  private static final long TABLE = 0x23; // P, R/W, A
  private static final long PAGE = 0x63; // P, R/W, A, D
  private static final long PAGE_SIZE = 1 << 7; // PS: a leaf of 2 MiB
  private static final long WRITABLE = 1 << 1; // R/W
  private static final long UNCACHED = 0x18; // PWT, PCD: PAT entry 3, UC after reset and in Linux
  private static final long ADDRESS = 0x000f_ffff_ffff_f000L; // bits 12 to 51
  private static final long PRESENT = 1;

  private final PagingMode mode;
  private final long base;
  private final List<MemorySegment> tables = new ArrayList<>();

  /**
   * What is mapped, each range to itself: disjoint, all of them.
   *
   * @param writable readable, writable and executable
   * @param readOnly not writable as long as CR0.WP is on
   * @param devices writable, uncached
   */
  public record View(List<PageRange> writable, List<PageRange> readOnly, List<PageRange> devices) {
    /** Copies the lists. */
    public View {
      writable = List.copyOf(writable);
      readOnly = List.copyOf(readOnly);
      devices = List.copyOf(devices);
    }
  }

  private PageTables(PagingMode mode, long base) {
    this.mode = mode;
    this.base = base;
    newTable();
  }

  /**
   * The tables that map these ranges and {@link #LOCAL_APIC}, readable, writable and executable, in
   * pages of 2 MiB where one lies wholly in a range, else of 4 KiB.
   *
   * @param ranges disjoint; a handful of ranges makes a handful of pages
   * @param base the physical address at which the tables will lie, page aligned; what goes into CR3
   * @return whole pages, the same number for every {@code base}
   * @throws IllegalArgumentException if {@code base} is not page aligned, or a range is not to be
   *     had in this mode or is the local APIC's
   */
  public static byte[] identity(PagingMode mode, List<PageRange> ranges, long base) {
    return identity(mode, new View(ranges, List.of(), List.of()), base);
  }

  /**
   * The tables of a view, and {@link #LOCAL_APIC}; otherwise like {@link #identity(PagingMode,
   * List, long)}.
   *
   * @throws IllegalArgumentException likewise
   */
  public static byte[] identity(PagingMode mode, View view, long base) {
    if (base < 0 || base % Pages.SIZE != 0) {
      throw new IllegalArgumentException(
          String.format("page tables at 0x%x, not page aligned", base));
    }
    PageTables tables = new PageTables(mode, base);
    tables.map(view.writable(), PAGE);
    tables.map(view.readOnly(), PAGE & ~WRITABLE);
    tables.map(view.devices(), PAGE | UNCACHED);
    tables.set(LOCAL_APIC.start(), Pages.SHIFT, PAGE | UNCACHED);
    return tables.bytes();
  }

  /** How many pages {@link #identity} has for these ranges. */
  public static long pages(PagingMode mode, List<PageRange> ranges) {
    return pages(mode, new View(ranges, List.of(), List.of()));
  }

  /** How many pages {@link #identity(PagingMode, View, long)} has. */
  public static long pages(PagingMode mode, View view) {
    return identity(mode, view, 0).length / Pages.SIZE;
  }

  /**
   * How many tables it takes at most to map so many places, none of them larger than 2 MiB: each
   * may lie across a boundary at every level below the root.
   */
  public static long most(PagingMode mode, int places) {
    return places * 2L * (mode.levels() - 1);
  }

  /** log2 of how many bytes one entry of the root maps. */
  public static int rootShift(PagingMode mode) {
    return Pages.SHIFT + (mode.levels() - 1) * INDEX_BITS;
  }

  /**
   * The address at which what can be mapped to itself ends: half of the virtual addresses are
   * negative, and no physical address has more than 52 bits.
   */
  public static long limit(PagingMode mode) {
    return Math.min((ENTRIES / 2L) << rootShift(mode), ADDRESS + Pages.SIZE);
  }

  private void map(List<PageRange> ranges, long flags) {
    for (PageRange range : ranges) {
      if (range.overlaps(LOCAL_APIC) || range.endAddress() > limit(mode)) {
        throw new IllegalArgumentException(range + " is no memory in " + mode + " paging");
      }
      map(range, flags);
    }
  }

  private void map(PageRange range, long flags) {
    long page = range.start();
    while (page < range.end()) {
      boolean large = page % LARGE_PAGES == 0 && page + LARGE_PAGES <= range.end();
      set(page, large ? LARGE_SHIFT : Pages.SHIFT, large ? flags | PAGE_SIZE : flags);
      page += large ? LARGE_PAGES : 1;
    }
  }

  private void set(long page, int leafShift, long flags) {
    long address = Pages.address(page);
    MemorySegment table = tables.getFirst();
    for (int shift = rootShift(mode); shift > leafShift; shift -= INDEX_BITS) {
      long entry = table.get(LittleEndian.U64, offset(address, shift));
      if ((entry & PRESENT) == 0) {
        entry = base + Pages.address(tables.size()) | TABLE;
        newTable();
        table.set(LittleEndian.U64, offset(address, shift), entry);
      }
      table = tables.get((int) Pages.pfn((entry & ADDRESS) - base));
    }
    table.set(LittleEndian.U64, offset(address, leafShift), address | flags);
  }

  private static long offset(long address, int shift) {
    return (address >>> shift & (ENTRIES - 1)) * Long.BYTES;
  }

  private void newTable() {
    tables.add(MemorySegment.ofArray(new byte[Pages.SIZE]));
  }

  private byte[] bytes() {
    byte[] bytes = new byte[Math.toIntExact(Pages.address(tables.size()))];
    MemorySegment all = MemorySegment.ofArray(bytes);
    for (int i = 0; i < tables.size(); i++) {
      MemorySegment.copy(tables.get(i), 0, all, Pages.address(i), Pages.SIZE);
    }
    return bytes;
  }
}
