package org.dormouse.vmcore;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;

/**
 * A machine of 64 MiB, small enough to be made hundreds of times: a kernel with page tables,
 * sections of memory, page structs and a VMCOREINFO note, all of which may lie in the saver region;
 * and a list of source pages, by which region and low memory are swapped out.
 */
final class OriginalMachine {
  /**
   * How the kernel was built and started.
   *
   * @param levels of the page tables, 4 or 5
   * @param extreme {@code CONFIG_SPARSEMEM_EXTREME}
   * @param largeLeaves whether the page structs are mapped by one page of 2 MiB, not by scattered
   *     ones of 4 KiB
   * @param structSize bytes of a {@code struct page}
   * @param sectionBits log2 of a section's bytes
   */
  record Build(int levels, boolean extreme, boolean largeLeaves, int structSize, int sectionBits) {}

  static final long PAGES = 0x4000;
  static final PageRange LOW = new PageRange(1, 0x9f);
  static final PageRange REGION = new PageRange(0x1000, 0x1800);
  static final List<PageRange> RAM =
      List.of(new PageRange(0x100, 0x1000), new PageRange(0x1800, 0x3fe0));

  static final int BUDDY = -268435456;
  static final int OFFLINE = -251658240;
  static final int HW_POISON_BIT = 21;
  static final String RELEASE = "6.12.117";
  static final long NOTE_BYTES = 0xf00;

  private static final long START_KERNEL_MAP = 0xffff_ffff_8000_0000L;
  private static final int FLAGS_OFFSET = 0;
  private static final int PRIVATE_OFFSET = 40;
  private static final int MAPCOUNT_OFFSET = 48;

  /** Where the kernel's image lies: in the region. */
  private static final long IMAGE = 0x0120_0000L;

  final MemorySegment physical = Arena.ofAuto().allocate(Pages.address(PAGES), Pages.LARGE_SIZE);
  final BitSet free = new BitSet();
  final BitSet untouchable = new BitSet();
  final Map<String, String> info = new TreeMap<>();
  final long note;

  /** The list of source pages; physical addresses of its words, in order. */
  final List<Long> words = new ArrayList<>();

  long jumpBackEntry;
  long headAddress;

  private final Random random;
  private final Build build;
  private final List<Long> unused = new ArrayList<>();
  private final long top;
  private final long virtualImage;
  private final long vmemmap;
  private final long[] pageStructPages;

  OriginalMachine(Build build, long seed) {
    this.random = new Random(seed);
    this.build = build;
    boolean five = build.levels() == 5;
    // The page structs of 16,384 pages need at most 2 MiB; these are in place or in the region.
    long structs = random.nextBoolean() ? 0x0140_0000L : 0x0200_0000L;
    for (PageRange range : List.of(LOW, REGION, RAM.get(0), RAM.get(1))) {
      for (long pfn = range.start(); pfn < range.end(); pfn++) {
        long address = Pages.address(pfn);
        if (Pages.alignDown(address, Pages.LARGE_SIZE) != IMAGE
            && Pages.alignDown(address, Pages.LARGE_SIZE) != structs) {
          unused.add(pfn);
        }
      }
    }
    Collections.shuffle(unused, random);

    long moved = random.nextInt(200) * Pages.LARGE_SIZE;
    virtualImage = START_KERNEL_MAP + 0x0100_0000L + moved;
    top = IMAGE + 0x10_0000L;
    map(virtualImage, IMAGE, 1);
    long directMap = five ? 0xff11_0000_0000_0000L : 0xffff_8880_0000_0000L;
    map(directMap, 0, 2);
    vmemmap = five ? 0xffd4_0000_0000_0000L : 0xffff_ea00_0000_0000L;
    pageStructPages = new long[(int) Pages.holding(PAGES * build.structSize())];
    mapPageStructs(structs);

    MemorySegment.copy(
        MemorySegment.ofArray(RELEASE.getBytes(StandardCharsets.US_ASCII)),
        0,
        physical,
        IMAGE + 0x2000 + 4 + 130,
        RELEASE.length());
    long sections = virtualImage + 0x8_0000L;
    info.put("OSRELEASE", RELEASE);
    info.put("PAGESIZE", "4096");
    info.put("SYMBOL(_stext)", hex(virtualImage));
    info.put("SYMBOL(init_top_pgt)", hex(virtualImage + top - IMAGE));
    info.put("SYMBOL(init_uts_ns)", hex(virtualImage + 0x2000));
    info.put("OFFSET(uts_namespace.name)", "4");
    info.put("NUMBER(phys_base)", Long.toString(IMAGE - (virtualImage - START_KERNEL_MAP)));
    info.put("NUMBER(pgtable_l5_enabled)", five ? "1" : "0");
    info.put("KERNELOFFSET", hex(moved));
    info.put("NUMBER(sme_mask)", "0");
    info.put("SYMBOL(vmemmap)", hex(vmemmap));
    info.put("SIZE(mem_section)", "16");
    info.put("OFFSET(mem_section.section_mem_map)", "0");
    info.put("NUMBER(SECTION_SIZE_BITS)", Integer.toString(build.sectionBits()));
    info.put("NUMBER(MAX_PHYSMEM_BITS)", five ? "52" : "46");
    long count = 1L << ((five ? 52 : 46) - build.sectionBits());
    info.put("LENGTH(mem_section)", Long.toString(build.extreme() ? count / 256 : count));
    if (build.extreme()) {
      long roots = Pages.address(take());
      long root = Pages.address(take());
      putU64(roots, directMap + root);
      info.put("SYMBOL(mem_section)", hex(directMap + roots));
      writeSections(root);
    } else {
      info.put("SYMBOL(mem_section)", hex(sections));
      writeSections(IMAGE + 0x8_0000L);
    }
    info.put("SIZE(page)", Integer.toString(build.structSize()));
    info.put("OFFSET(page.flags)", Integer.toString(FLAGS_OFFSET));
    info.put("OFFSET(page.private)", Integer.toString(PRIVATE_OFFSET));
    info.put("OFFSET(page._mapcount)", Integer.toString(MAPCOUNT_OFFSET));
    info.put("NUMBER(PAGE_BUDDY_MAPCOUNT_VALUE)", Integer.toString(BUDDY));
    info.put("NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)", Integer.toString(OFFLINE));
    info.put("NUMBER(PG_hwpoison)", Integer.toString(HW_POISON_BIT));
    writePageStructs();
    note = Pages.address(take()) + 0x20;
    writeNote();
  }

  /** Writes VMCOREINFO anew, after a change of {@link #info}; only before {@link #jump}. */
  void writeNote() {
    StringBuilder text = new StringBuilder();
    info.forEach((key, value) -> text.append(key).append('=').append(value).append('\n'));
    byte[] bytes = text.toString().getBytes(StandardCharsets.US_ASCII);
    physical.set(ValueLayout.JAVA_INT, note, 11);
    physical.set(ValueLayout.JAVA_INT, note + 4, bytes.length);
    MemorySegment name =
        MemorySegment.ofArray("VMCOREINFO\0\0".getBytes(StandardCharsets.US_ASCII));
    MemorySegment.copy(name, 0, physical, note + 12, 12);
    MemorySegment.copy(MemorySegment.ofArray(bytes), 0, physical, note + 24, bytes.length);
  }

  /** Changes the page struct of {@code pfn}; only before {@link #jump}. */
  void setPageStruct(long pfn, long flags, long order, int mapcount) {
    long at = pfn * build.structSize();
    putU64(pageStructs(at + FLAGS_OFFSET), flags);
    putU64(pageStructs(at + PRIVATE_OFFSET), order);
    physical.set(ValueLayout.JAVA_INT, pageStructs(at + MAPCOUNT_OFFSET), mapcount);
  }

  /** Changes 8 bytes of the page struct of {@code pfn}; only before {@link #jump}. */
  void setPageWord(long pfn, int offset, long value) {
    putU64(pageStructs(pfn * build.structSize() + offset), value);
  }

  /** Virtual address of the page struct of {@code pfn}. */
  long pageStructAddress(long pfn) {
    return vmemmap + pfn * build.structSize();
  }

  /** Physical address of a byte of the array of page structs. */
  private long pageStructs(long offset) {
    return Pages.address(pageStructPages[(int) Pages.pfn(offset)]) + (offset & (Pages.SIZE - 1));
  }

  /** Swaps region and low memory out, as the jump to the saver does. */
  void jump() {
    List<Long> sources = new ArrayList<>();
    List<Long> destinations = new ArrayList<>();
    List<Long> list = new ArrayList<>();
    for (PageRange segment :
        List.of(LOW, new PageRange(0x1000, 0x1010), new PageRange(0x1010, REGION.end()))) {
      list.add(segment.startAddress() | 1);
      for (long pfn = segment.start(); pfn < segment.end(); pfn++) {
        // A page that nobody used may have been taken for itself.
        long source = unused.contains(pfn) && random.nextInt(4) == 0 ? pfn : takeOutside();
        list.add(Pages.address(source) | 8);
        destinations.add(pfn);
        sources.add(source);
      }
    }
    list.add(4L);
    long page = takeOutside();
    long control = takeControlPage();
    jumpBackEntry = Pages.address(control) + 0xf2;
    headAddress = Pages.address(control + random.nextInt(3) - 1) + 8L * random.nextInt(512);
    putU64(headAddress, Pages.address(page) | 2);
    words.add(headAddress);
    int slot = 0;
    for (long word : list) {
      if (slot == 511) {
        long next = takeOutside();
        putWord(Pages.address(page) + 8L * slot, Pages.address(next) | 2);
        page = next;
        slot = 0;
      }
      putWord(Pages.address(page) + 8L * slot++, word);
    }
    for (int i = 0; i < sources.size(); i++) {
      long destination = Pages.address(destinations.get(i));
      MemorySegment.copy(
          physical, destination, physical, Pages.address(sources.get(i)), Pages.SIZE);
    }
    for (long destination : destinations) {
      for (long at = 0; at < Pages.SIZE; at += 8) {
        putU64(Pages.address(destination) + at, random.nextLong());
      }
    }
  }

  /** The frames that the saver reaches. */
  FrameWindows frames() {
    return frames(RAM);
  }

  SourcePages.Search search() {
    return SourcePages.find(frames(), RAM, List.of(LOW, REGION), jumpBackEntry);
  }

  /** Original memory after {@link #jump}. */
  OriginalMemory memory() {
    return OriginalMemory.of(frames(), RAM, ((SourcePages.Search.Found) search()).pages());
  }

  void putU64(long address, long value) {
    physical.set(ValueLayout.JAVA_LONG_UNALIGNED, address, value);
  }

  long u64(long address) {
    return physical.get(ValueLayout.JAVA_LONG_UNALIGNED, address);
  }

  private void putWord(long address, long word) {
    putU64(address, word);
    words.add(address);
  }

  private FrameWindows frames(List<PageRange> ram) {
    return FrameWindows.over(
        ram, 2, (pages, arena) -> physical.asSlice(pages.startAddress(), pages.bytes()));
  }

  private long take() {
    return unused.removeLast();
  }

  private long takeOutside() {
    for (int i = unused.size() - 1; ; i--) {
      long pfn = unused.get(i);
      if (!REGION.contains(pfn) && !LOW.contains(pfn)) {
        unused.remove(i);
        return pfn;
      }
    }
  }

  /** A page outside of the region with neighbours that nobody uses. */
  private long takeControlPage() {
    for (long pfn : unused) {
      if (RAM.get(1).contains(new PageRange(Math.max(0, pfn - 1), pfn + 2))
          && unused.contains(pfn - 1)
          && unused.contains(pfn + 1)) {
        unused.removeAll(List.of(pfn - 1, pfn, pfn + 1));
        return pfn;
      }
    }
    throw new IllegalStateException("memory is full");
  }

  private void mapPageStructs(long structs) {
    if (build.largeLeaves()) {
      map(vmemmap, structs, 1);
    }
    for (int i = 0; i < pageStructPages.length; i++) {
      pageStructPages[i] = build.largeLeaves() ? Pages.pfn(structs) + i : take();
      if (!build.largeLeaves()) {
        map(vmemmap + Pages.address(i), Pages.address(pageStructPages[i]), 0);
      }
    }
  }

  private void map(long virtual, long address, int leaf) {
    long table = top;
    for (int level = build.levels() - 1; level > leaf; level--) {
      long slot = table + 8 * (virtual >>> (12 + 9 * level) & 511);
      if (u64(slot) == 0) {
        putU64(slot, Pages.address(take()) | 0x8000_0000_0000_0063L);
      }
      table = u64(slot) & 0x000f_ffff_ffff_f000L;
    }
    putU64(table + 8 * (virtual >>> (12 + 9 * leaf) & 511), address | (leaf > 0 ? 0xe3 : 0x63));
  }

  private void writeSections(long at) {
    long pages = 1L << (build.sectionBits() - Pages.SHIFT);
    for (long section = 0; section * pages < PAGES; section++) {
      putU64(at + 16 * section, vmemmap | 0xf);
    }
  }

  /** Cuts memory into blocks of random orders, free and not, and single odd pages. */
  private void writePageStructs() {
    for (long pfn = 0; pfn < PAGES; ) {
      int order = Math.min(random.nextInt(11), Long.numberOfTrailingZeros(pfn | 1 << 10));
      int pages = 1 << order;
      int kind = random.nextInt(20);
      if (kind < 10) {
        setPageStruct(pfn, random.nextLong() & ~(1L << HW_POISON_BIT), order, BUDDY);
        free.set((int) pfn, (int) pfn + pages);
        for (int i = 1; i < pages; i++) {
          setPageStruct(pfn + i, 0, random.nextInt(11), -1);
        }
      } else {
        for (int i = 0; i < pages; i++) {
          if (kind == 10 && i == 0) {
            setPageStruct(pfn, 0, 0, OFFLINE);
            untouchable.set((int) pfn);
          } else if (kind == 11 && i == 0) {
            setPageStruct(pfn, 1L << HW_POISON_BIT, 0, 0);
            untouchable.set((int) pfn);
          } else {
            long flags = random.nextLong() & ~(1L << HW_POISON_BIT);
            setPageStruct(pfn + i, flags, random.nextInt(11), random.nextInt(3) - 1);
          }
        }
      }
      pfn += pages;
    }
  }

  private static String hex(long value) {
    return Long.toHexString(value);
  }
}
