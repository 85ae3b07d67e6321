package org.dormouse.vmcore;

import java.util.OptionalInt;

/**
 * What a {@code struct page} says beyond {@link PageLayout}: whose a page is that is in use. Dumps
 * and pictures ask that; a sleep does not, and reads no word more for it.
 *
 * <p>{@code include/linux/page-flags.h}, {@code include/linux/mm_types.h}. Where VMCOREINFO has not
 * the number itself, the rule by which it was found is beside the question.
 *
 * @param page the questions that a sleep asks too
 * @param mapping offset of {@code mapping} in bytes
 * @param compoundHead offset of {@code compound_head} ({@code compound_info} since 7.1) in bytes
 * @param lruMask {@code PG_lru}
 * @param privateMask {@code PG_private}
 * @param reservedMask {@code PG_reserved}
 * @param swapCacheMask {@code PG_swapcache}, together with {@code PG_swapbacked} where the kernel
 *     has that: since 4.10 the bit means something else without it
 * @param headMask {@code PG_head_mask}: the first page of a compound one
 * @param slabMask the bit {@code PG_slab} of {@code flags}; 0 since 6.10
 * @param slabType {@code PAGE_SLAB_MAPCOUNT_VALUE}, since 6.10
 * @param hugetlbType {@code PAGE_HUGETLB_MAPCOUNT_VALUE}, since 6.9
 * @param unacceptedType {@code PAGE_UNACCEPTED_MAPCOUNT_VALUE}, since 6.16
 * @param tableType the value of {@code page_type} of {@code PageTable()}
 * @param compound how a compound page tells its size
 */
record PageUseLayout(
    PageLayout page,
    int mapping,
    int compoundHead,
    long lruMask,
    long privateMask,
    long reservedMask,
    long swapCacheMask,
    long headMask,
    long slabMask,
    OptionalInt slabType,
    OptionalInt hugetlbType,
    OptionalInt unacceptedType,
    int tableType,
    Compound compound) {
  /** {@code PAGE_MAPPING_ANON} ({@code FOLIO_MAPPING_ANON} since 6.16), a bit of a pointer. */
  private static final long MAPPING_ANON = 1;

  /** A tail's {@code compound_head} points to the head, and has this bit. */
  private static final long TAIL = 1;

  /** The low byte of {@code _flags_1} is the order, since 6.6. */
  private static final long ORDER_MASK = 0xff;

  /** Larger ones there are not: 1 GiB is 18. */
  private static final long LARGEST_ORDER = 30;

  /**
   * What the second page struct of a compound page says of all of it.
   *
   * @param order offset of {@code compound_order} in the second struct in bytes (one byte long);
   *     negative since 6.6, where the order is the low byte of its flags
   * @param dtor offset of {@code compound_dtor}, likewise; negative if there is none
   * @param hugetlbDtor {@code HUGETLB_PAGE_DTOR}, the value there that says hugetlb
   * @param hugetlbMask from 6.6 to 6.8 the bit {@code PG_hugetlb} of its flags; else 0
   */
  record Compound(int order, int dtor, long hugetlbDtor, long hugetlbMask) {
    private static final int NONE = -1;

    static Compound of(VmcoreInfo info, long size) throws VmcoreException {
      if (info.hasOffset("page.compound_order")) {
        return before66(info, "page.compound_order", "page.compound_dtor", 0, size);
      }
      // From 6.3 to 6.5; a folio is its page structs, so that the second begins after SIZE(page).
      if (info.hasOffset("folio._folio_order")) {
        return before66(info, "folio._folio_order", "folio._folio_dtor", size, size);
      }
      return new Compound(
          NONE, NONE, 0, info.hasNumber("PG_hugetlb") ? mask(info, "PG_hugetlb") : 0);
    }

    private static Compound before66(
        VmcoreInfo info, String order, String dtor, long base, long size) throws VmcoreException {
      boolean hugetlb = info.hasOffset(dtor) && info.hasNumber("HUGETLB_PAGE_DTOR");
      return new Compound(
          inStruct(info, order, base, size),
          hugetlb ? inStruct(info, dtor, base, size) : NONE,
          hugetlb ? info.number("HUGETLB_PAGE_DTOR") : 0,
          0);
    }

    private static int inStruct(VmcoreInfo info, String member, long base, long size)
        throws VmcoreException {
      long offset = info.offset(member) - base;
      if (offset < 0 || offset >= size) {
        throw new VmcoreException("VMCOREINFO has OFFSET(" + member + ")=" + info.offset(member));
      }
      return (int) offset;
    }
  }

  /** Takes the layout from VMCOREINFO, where every kernel since 5.0 has it. */
  static PageUseLayout of(VmcoreInfo info) throws VmcoreException {
    PageLayout page = PageLayout.of(info);
    long privateMask = mask(info, "PG_private");
    long swapBacked = info.hasNumber("PG_swapbacked") ? mask(info, "PG_swapbacked") : 0;
    return new PageUseLayout(
        page,
        PageLayout.offset(info, "page.mapping", Long.BYTES, page.size()),
        PageLayout.offset(
            info,
            info.hasOffset("page.compound_head") ? "page.compound_head" : "page.compound_info",
            Long.BYTES,
            page.size()),
        mask(info, "PG_lru"),
        privateMask,
        // Not in VMCOREINFO. In enum pageflags it is the one before PG_private, since 2.6.26.
        privateMask >>> 1,
        mask(info, "PG_swapcache") | swapBacked,
        info.number("PG_head_mask"),
        info.hasNumber("PG_slab") ? mask(info, "PG_slab") : 0,
        type(info, "PAGE_SLAB_MAPCOUNT_VALUE"),
        type(info, "PAGE_HUGETLB_MAPCOUNT_VALUE"),
        type(info, "PAGE_UNACCEPTED_MAPCOUNT_VALUE"),
        tableType(page),
        Compound.of(info, page.size()));
  }

  /**
   * The kind of a page that is in no free block and no tail of a compound page. Of a compound page
   * the first struct tells, but for {@link #isHugetlb}.
   */
  PageKind kind(long[] words, int base) {
    if (page.isHwPoison(words, base)) {
      return PageKind.POISONED;
    }
    if (isSlab(words, base)) {
      return PageKind.SLAB;
    }
    if (page.isOffline(words, base)) {
      return PageKind.OFFLINE;
    }
    if (isHugetlbType(words, base)) {
      return PageKind.HUGETLB;
    }
    if (isAnon(words, base)) {
      return PageKind.ANONYMOUS;
    }
    if (isCache(words, base)) {
      return isPrivate(words, base) ? PageKind.CACHE_PRIVATE : PageKind.CACHE;
    }
    if (page.pageType(words, base) == tableType) {
      return PageKind.PAGE_TABLE;
    }
    return isReserved(words, base) ? PageKind.RESERVED : PageKind.KERNEL;
  }

  /**
   * {@code PageSlab()}: a flag until 6.9, then a page type. Its other members are the slab
   * allocator's own, and mean nothing else.
   */
  boolean isSlab(long[] words, int base) {
    return (flags(words, base) & slabMask) != 0 || isType(slabType, words, base);
  }

  /** {@code PageAnon()}, if not {@link #isSlab}. */
  boolean isAnon(long[] words, int base) {
    return (words[base + mapping / Long.BYTES] & MAPPING_ANON) != 0;
  }

  /**
   * In the page cache, or anonymous: {@code PageLRU()}, and what is on its way to a list of LRU
   * pages but known by its {@code PageSwapCache()}.
   */
  boolean isCache(long[] words, int base) {
    long flags = flags(words, base);
    return (flags & lruMask) != 0 || (flags & swapCacheMask) == swapCacheMask;
  }

  /** {@code PagePrivate()}: the file system has something there. */
  boolean isPrivate(long[] words, int base) {
    return (flags(words, base) & privateMask) != 0;
  }

  /** {@code PageReserved()}. */
  boolean isReserved(long[] words, int base) {
    return (flags(words, base) & reservedMask) != 0;
  }

  /** {@code PageUnaccepted()}: the first page of a free block of the highest order. */
  boolean isUnaccepted(long[] words, int base) {
    return isType(unacceptedType, words, base);
  }

  /** {@code PageHead()}: the first of a compound page. */
  boolean isHead(long[] words, int base) {
    return (flags(words, base) & headMask) != 0;
  }

  /** {@code PageTail()}: another one of a compound page. */
  boolean isTail(long[] words, int base) {
    return (words[base + compoundHead / Long.BYTES] & TAIL) != 0;
  }

  /** {@code compound_head()}: the address of the first struct, if {@link #isTail}. */
  long headAddress(long[] words, int base) {
    return words[base + compoundHead / Long.BYTES] - TAIL;
  }

  /**
   * {@code compound_order()} of the compound page whose first page is {@code pfn}.
   *
   * @param second where the struct of the second page begins
   * @return 0 if what is there cannot be
   */
  int compoundOrder(long[] words, int second, long pfn) {
    long order =
        compound.order < 0
            ? flags(words, second) & ORDER_MASK
            : unsignedByte(words, second, compound.order);
    boolean aligned = order <= LARGEST_ORDER && (pfn & ((1L << order) - 1)) == 0;
    return aligned ? (int) order : 0;
  }

  /** {@code PageHuge()} until 6.8, by the second struct. */
  boolean isHugetlb(long[] words, int second) {
    return (flags(words, second) & compound.hugetlbMask) != 0
        || (compound.dtor >= 0
            && unsignedByte(words, second, compound.dtor) == compound.hugetlbDtor);
  }

  /** {@code PageHuge()} since 6.9, by the first struct. */
  private boolean isHugetlbType(long[] words, int base) {
    return isType(hugetlbType, words, base);
  }

  private boolean isType(OptionalInt type, long[] words, int base) {
    return type.isPresent() && page.pageType(words, base) == type.getAsInt();
  }

  private long flags(long[] words, int base) {
    return words[base + page.flags() / Long.BYTES];
  }

  private static long unsignedByte(long[] words, int base, int offset) {
    return words[base + offset / Long.BYTES] >>> (Byte.SIZE * (offset % Long.BYTES)) & 0xff;
  }

  /**
   * {@code PageTable()} is not in VMCOREINFO, but always comes after buddy and offline: since 6.12
   * these are 0xf0, 0xf1, 0xf2 in the upper byte; before, one bit each that is cleared, to the left
   * of the last one, and in 6.11 to the right.
   */
  private static int tableType(PageLayout page) {
    int buddy = ~page.buddyType();
    int offline = ~page.offlineType();
    if (Integer.bitCount(buddy) != 1) {
      return page.offlineType() + (page.offlineType() - page.buddyType());
    }
    return ~(offline > buddy ? offline << 1 : offline >>> 1);
  }

  private static OptionalInt type(VmcoreInfo info, String name) throws VmcoreException {
    return info.hasNumber(name)
        ? OptionalInt.of(PageLayout.pageType(info, name))
        : OptionalInt.empty();
  }

  private static long mask(VmcoreInfo info, String name) throws VmcoreException {
    long bit = info.number(name);
    if (bit < 0 || bit >= Long.SIZE) {
      throw new VmcoreException("VMCOREINFO has NUMBER(" + name + ")=" + bit);
    }
    return 1L << bit;
  }
}
