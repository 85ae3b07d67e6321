package org.dormouse.analyze;

import org.dormouse.vmcore.PageKind;

/** What a picture of memory tells apart, in the order of its legend. */
public enum PictureKind {
  KERNEL_IMAGE("kernel text and data", 0xd62728),
  KERNEL("kernel, other", 0xff9896),
  SLAB("slab", 0xff7f0e),
  PAGE_TABLES("page tables", 0xf7e017),
  RESERVED("reserved", 0x8c564b),
  ANONYMOUS("anonymous", 0x2ca02c),
  HUGETLB("hugetlb", 0x006d2c),
  PAGE_CACHE("page cache", 0x1f77b4),
  SAVER_REGION("saver region", 0xe377c2),
  UNKNOWN("in use, unknown", 0x9467bd),
  ZERO("zero", 0x3d4451),
  FREE("free", 0x252a33),
  UNUSABLE("offline or broken", 0xffffff),
  HOLE("no memory", 0x0f1115);

  private final String text;
  private final int color;

  PictureKind(String text, int color) {
    this.text = text;
    this.color = color;
  }

  /** For people. */
  public String text() {
    return text;
  }

  /** Red, green and blue, 8 bits each. */
  int color() {
    return color;
  }

  static PictureKind of(PageKind kind) {
    return switch (kind) {
      case HOLE -> HOLE;
      case UNKNOWN -> UNKNOWN;
      case KERNEL -> KERNEL;
      case KERNEL_IMAGE -> KERNEL_IMAGE;
      case RESERVED -> RESERVED;
      case SLAB -> SLAB;
      case PAGE_TABLE -> PAGE_TABLES;
      case CACHE, CACHE_PRIVATE -> PAGE_CACHE;
      case ANONYMOUS -> ANONYMOUS;
      case HUGETLB -> HUGETLB;
      case FREE -> FREE;
      case OFFLINE, POISONED -> UNUSABLE;
    };
  }
}
