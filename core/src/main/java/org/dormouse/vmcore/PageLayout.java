package org.dormouse.vmcore;

/**
 * What a {@code struct page} says, each question by the kernel's own name for it. The structure is
 * read as words of 8 bytes; {@code base} is the number of its first word.
 *
 * <p>{@code include/linux/mm_types.h}, {@code include/linux/page-flags.h}. The caveats say which
 * kernels differ, as far as known; a kernel whose VMCOREINFO lacks what is needed is refused.
 *
 * @param size bytes of the structure, a multiple of 8
 * @param flags offset of {@code flags} in bytes
 * @param mapcount offset of {@code _mapcount} in bytes, the same word as {@code page_type}
 * @param order offset of {@code private} in bytes, where a free block keeps its order
 * @param buddyType {@code PAGE_BUDDY_MAPCOUNT_VALUE}
 * @param offlineType {@code PAGE_OFFLINE_MAPCOUNT_VALUE}; the same as {@code buddyType} if the
 *     kernel knows no such pages
 * @param hwPoisonMask the bit {@code PG_hwpoison} of {@code flags}; 0 if the kernel has none
 */
record PageLayout(
    int size,
    int flags,
    int mapcount,
    int order,
    int buddyType,
    int offlineType,
    long hwPoisonMask) {
  /** A struct page is 64 bytes, 56 to 96 with unusual configurations; this is far beyond. */
  private static final long LARGEST = 256;

  /** Takes the layout from VMCOREINFO, where every kernel since 5.0 has it. */
  static PageLayout of(VmcoreInfo info) throws VmcoreException {
    long size = info.size("page");
    if (size < 4 * Long.BYTES || size > LARGEST || size % Long.BYTES != 0) {
      throw new VmcoreException("VMCOREINFO has SIZE(page)=" + size);
    }
    int buddy = pageType(info, "PAGE_BUDDY_MAPCOUNT_VALUE");
    return new PageLayout(
        (int) size,
        offset(info, "page.flags", Long.BYTES, size),
        offset(info, "page._mapcount", Integer.BYTES, size),
        offset(info, "page.private", Long.BYTES, size),
        buddy,
        info.hasNumber("PAGE_OFFLINE_MAPCOUNT_VALUE")
            ? pageType(info, "PAGE_OFFLINE_MAPCOUNT_VALUE")
            : buddy,
        hwPoisonMask(info));
  }

  /** How many words of 8 bytes a structure has. */
  int words() {
    return size / Long.BYTES;
  }

  /**
   * {@code PageBuddy()}: the first page of a free block. Since 6.12 the type is the upper byte of
   * {@code page_type}, before it was a bit of it that is cleared; the value of a free page is one
   * number in both.
   */
  boolean isBuddy(long[] words, int base) {
    return pageType(words, base) == buddyType;
  }

  /** {@code buddy_order()}: log2 of the pages in a free block, if {@link #isBuddy}. */
  long buddyOrder(long[] words, int base) {
    return words[base + order / Long.BYTES];
  }

  /**
   * {@code PageOffline()}: a page that a driver (balloon, memory hot-unplug) has taken out of use,
   * and that may not be there at all.
   */
  boolean isOffline(long[] words, int base) {
    return offlineType != buddyType && pageType(words, base) == offlineType;
  }

  /**
   * {@code PageHWPoison()}: the hardware has reported it broken. Of a hugetlb page only the first
   * page may be marked, whichever is broken ({@code folio_set_hugetlb_hwpoison}).
   */
  boolean isHwPoison(long[] words, int base) {
    return (words[base + flags / Long.BYTES] & hwPoisonMask) != 0;
  }

  /** {@code page_type}: the kind of a page that no process has mapped. */
  int pageType(long[] words, int base) {
    return (int) (words[base + mapcount / Long.BYTES] >>> (Byte.SIZE * (mapcount % Long.BYTES)));
  }

  /** The offset of a member of so many bytes in a structure of {@code size}. */
  static int offset(VmcoreInfo info, String member, int bytes, long size) throws VmcoreException {
    long offset = info.offset(member);
    if (offset % bytes != 0 || offset > size - bytes) {
      throw new VmcoreException("VMCOREINFO has OFFSET(" + member + ")=" + offset);
    }
    return (int) offset;
  }

  /** Page types are negative as an {@code int}, so that no count of mappings is one. */
  static int pageType(VmcoreInfo info, String name) throws VmcoreException {
    long value = info.number(name);
    if (value >= -1 || value < Integer.MIN_VALUE) {
      throw new VmcoreException("VMCOREINFO has NUMBER(" + name + ")=" + value);
    }
    return (int) value;
  }

  /** {@code PG_hwpoison} exists with {@code CONFIG_MEMORY_FAILURE}. */
  private static long hwPoisonMask(VmcoreInfo info) throws VmcoreException {
    if (!info.hasNumber("PG_hwpoison")) {
      return 0;
    }
    long bit = info.number("PG_hwpoison");
    if (bit < 0 || bit >= Long.SIZE) {
      throw new VmcoreException("VMCOREINFO has NUMBER(PG_hwpoison)=" + bit);
    }
    return 1L << bit;
  }
}
