package org.dormouse.vmcore;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;

/**
 * The original kernel's page structs: one {@code struct page} for each page, an array for each
 * section of memory ({@code CONFIG_SPARSEMEM}, with or without {@code EXTREME} and {@code VMEMMAP};
 * x86-64 has no other memory model).
 *
 * <p>{@code include/linux/mmzone.h}. Safe for concurrent use; each {@link Reader} is for one
 * thread.
 */
public final class PageStructs {
  // include/linux/mmzone.h: SECTION_MARKED_PRESENT_BIT, SECTION_HAS_MEM_MAP_BIT,
  // SECTION_IS_ONLINE_BIT
  private static final long USABLE = 1 | 1 << 1 | 1 << 2;

  /** All flags are below: on x86-64 arrays of page structs are page aligned. */
  private static final long MAP_MASK = -Pages.SIZE;

  /** The block of the highest order must lie in one section. */
  private static final int SMALLEST_SECTION_BITS = PageKinds.MAX_PAGE_ORDER + Pages.SHIFT;

  /** 1 TiB: far beyond the 128 MiB of x86-64. */
  private static final int LARGEST_SECTION_BITS = 40;

  /** Page structs that are copied out at once: 1 KiB is little to waste on a free block. */
  private static final int BATCH = 16;

  private final OriginalMemory memory;
  private final AddressTranslation translation;
  private final PageLayout layout;
  private final Sections sections;

  private PageStructs(
      OriginalMemory memory, AddressTranslation translation, PageLayout layout, Sections sections) {
    this.memory = memory;
    this.translation = translation;
    this.layout = layout;
    this.sections = sections;
  }

  /**
   * Finds what leads to the page structs, and reads none yet.
   *
   * @throws IOException if VMCOREINFO and memory do not fit together
   */
  public static PageStructs of(OriginalMemory memory, VmcoreInfo info) throws IOException {
    if (!info.value("PAGESIZE").equals(Integer.toString(Pages.SIZE))) {
      throw new VmcoreException("VMCOREINFO has PAGESIZE=" + info.value("PAGESIZE"));
    }
    PageLayout layout = PageLayout.of(info);
    Sections sections = Sections.of(info);
    return new PageStructs(memory, AddressTranslation.of(memory, info), layout, sections);
  }

  /** How many pages a section has: {@code PAGES_PER_SECTION}, 128 MiB. */
  long pagesPerSection() {
    return 1L << sections.pagesShift();
  }

  PageLayout layout() {
    return layout;
  }

  /**
   * The page structs of the section that holds page {@code pfn}.
   *
   * @throws IOException if the kernel has no such section, or it cannot be read
   */
  Reader reader(long pfn) throws IOException {
    long number = pfn >>> sections.pagesShift();
    long entry = translation.u64(sections.entry(translation, number) + sections.mapOffset());
    if ((entry & USABLE) != USABLE) {
      throw new VmcoreException(
          String.format("section %d of memory is not in use (0x%x)", number, entry));
    }
    long array = entry & MAP_MASK;
    if (sections.vmemmap() != 0 && array != sections.vmemmap()) {
      throw new VmcoreException(
          String.format("the page structs of section %d are said to be at 0x%x", number, array));
    }
    return new Reader(array, (number + 1) << sections.pagesShift());
  }

  /**
   * Where {@code mem_section} is.
   *
   * @param table virtual address of the array, or with {@code EXTREME} of the array of roots
   * @param perRoot sections in each root; 0 without {@code EXTREME}
   * @param count {@code NR_MEM_SECTIONS}
   * @param size bytes of a {@code struct mem_section}
   * @param mapOffset offset of {@code section_mem_map} in bytes
   * @param pagesShift {@code PFN_SECTION_SHIFT}
   * @param vmemmap where all page structs are in one array, 0 if they are not
   */
  private record Sections(
      long table,
      long perRoot,
      long count,
      long size,
      long mapOffset,
      int pagesShift,
      long vmemmap) {
    static Sections of(VmcoreInfo info) throws VmcoreException {
      long sectionBits = info.number("SECTION_SIZE_BITS");
      // On x86-64 46 or 52, by the levels of its page tables (asm/sparsemem.h).
      long physicalBits = info.number("MAX_PHYSMEM_BITS");
      long size = info.size("mem_section");
      long mapOffset = info.offset("mem_section.section_mem_map");
      if (sectionBits < SMALLEST_SECTION_BITS
          || sectionBits > LARGEST_SECTION_BITS
          || physicalBits < sectionBits
          || physicalBits > 52
          || size < Long.BYTES
          || size > Pages.SIZE
          || mapOffset > size - Long.BYTES) {
        throw new VmcoreException("VMCOREINFO has sections of memory that cannot be");
      }
      long count = 1L << (physicalBits - sectionBits);
      return new Sections(
          info.symbol("mem_section"),
          sectionsPerRoot(count, Pages.SIZE / size, info.length("mem_section")),
          count,
          size,
          mapOffset,
          (int) sectionBits - Pages.SHIFT,
          info.hasSymbol("vmemmap") ? info.symbol("vmemmap") : 0);
    }

    /**
     * {@code SECTIONS_PER_ROOT}: with {@code CONFIG_SPARSEMEM_EXTREME} a page full, which the
     * number of roots betrays.
     */
    private static long sectionsPerRoot(long count, long inPage, long roots)
        throws VmcoreException {
      if (roots == (count + inPage - 1) / inPage) {
        return inPage;
      }
      if (roots == count) {
        return 0;
      }
      throw new VmcoreException("VMCOREINFO has LENGTH(mem_section)=" + roots);
    }

    /** {@code __nr_to_section()}: the virtual address of a {@code struct mem_section}. */
    long entry(AddressTranslation translation, long number) throws IOException {
      if (number >= count) {
        throw new VmcoreException("the kernel can have no section " + number);
      }
      if (perRoot == 0) {
        return table + number * size;
      }
      long root = translation.u64(table + number / perRoot * Long.BYTES);
      if (root == 0) {
        throw new VmcoreException("the kernel has no section " + number);
      }
      return root + number % perRoot * size;
    }
  }

  /**
   * Reads the page structs of one section, forward, in batches. It keeps what it reads from mapped:
   * where the kernel maps its page structs in large pages that lie in place, a section is two of
   * them. One for each thread.
   */
  final class Reader implements AutoCloseable {
    private final long array;
    private final long end;
    private final long[] words = new long[BATCH * layout.words()];

    /** Virtual addresses of what is reachable now; none if start and end are the same. */
    private long viewStart;

    private long viewEnd;
    private OriginalMemory.Piece view;

    private Reader(long array, long end) {
      this.array = array;
      this.end = end;
    }

    /**
     * Reads the structs of some pages from {@code wanted.start()} on.
     *
     * @param wanted not empty, in the section
     * @return how many were read, 1 or more
     */
    int load(PageRange wanted) throws IOException {
      int size = layout.size();
      long address = array + wanted.start() * size;
      if (address < viewStart || address > viewEnd - size) {
        look(address);
      }
      long whole = (viewEnd - address) / size;
      if (whole == 0) {
        // The struct lies in two pages that are not neighbours in physical memory.
        translation.read(address, MemorySegment.ofArray(words).asSlice(0, size));
        return 1;
      }
      int count = (int) Math.min(Math.min(BATCH, wanted.count()), whole);
      MemorySegment.copy(
          view.memory(),
          ValueLayout.JAVA_LONG_UNALIGNED,
          address - viewStart,
          words,
          0,
          count * layout.words());
      return count;
    }

    /**
     * The page whose struct is at a virtual address, seen from this section: of another section
     * only where all structs are in one array. Negative if there can be none.
     */
    long pfnOf(long address) {
      long offset = address - array;
      return offset % layout.size() == 0 ? offset / layout.size() : -1;
    }

    /** The words of what was read last: struct {@code i} begins at {@code i * layout.words()}. */
    long[] words() {
      return words;
    }

    @Override
    public void close() {
      if (view != null) {
        view.close();
        view = null;
      }
      viewStart = 0;
      viewEnd = 0;
    }

    private void look(long address) throws IOException {
      close();
      AddressTranslation.Extent extent = translation.translate(address);
      long rest = array + end * layout.size() - address;
      view = memory.piece(extent.address(), Math.min(extent.bytes(), rest));
      viewStart = address;
      viewEnd = address + view.memory().byteSize();
    }
  }
}
