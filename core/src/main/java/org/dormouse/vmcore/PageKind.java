package org.dormouse.vmcore;

/** What a page of a kernel's memory is for, as its page struct says. */
public enum PageKind {
  /** No RAM. */
  HOLE(0, "hole"),
  /** RAM of which nothing is known: its page struct was not found. */
  UNKNOWN(1, "unknown"),
  /** In use by the kernel, for something that its page struct does not tell. */
  KERNEL(2, "kernel"),
  /** The kernel's own text and data, as far as they were not freed ({@code PageReserved()}). */
  KERNEL_IMAGE(3, "kernel image"),
  /** Never given to the page allocator, or reserved by a driver ({@code PageReserved()}). */
  RESERVED(4, "reserved"),
  /** Small objects of the kernel ({@code PageSlab()}). */
  SLAB(5, "slab"),
  /** Page tables of processes ({@code PageTable()}). */
  PAGE_TABLE(6, "page tables"),
  /** Contents of a file, tmpfs and shared memory included. */
  CACHE(7, "page cache"),
  /** The same with something that the file system keeps there ({@code PagePrivate()}). */
  CACHE_PRIVATE(8, "page cache with private data"),
  /** Memory of processes that is no file's ({@code PageAnon()}), in the swap cache or not. */
  ANONYMOUS(9, "anonymous"),
  /** In use as, or kept for, huge pages that were asked for ({@code PageHuge()}). */
  HUGETLB(10, "hugetlb"),
  /** In a free block of the page allocator ({@code PageBuddy()}), or not yet accepted. */
  FREE(11, "free"),
  /** Taken out of use by a driver ({@code PageOffline()}): it may not even be there. */
  OFFLINE(12, "offline"),
  /** Reported broken by the hardware ({@code PageHWPoison()}). */
  POISONED(13, "broken");

  private static final PageKind[] BY_CODE = new PageKind[values().length];

  static {
    for (PageKind kind : values()) {
      BY_CODE[kind.code] = kind;
    }
  }

  private final byte code;
  private final String text;

  PageKind(int code, String text) {
    this.code = (byte) code;
    this.text = text;
  }

  /** For people. */
  public String text() {
    return text;
  }

  /** What stands for it where there is a byte for each page. */
  byte code() {
    return code;
  }

  static PageKind of(byte code) {
    return BY_CODE[code];
  }
}
