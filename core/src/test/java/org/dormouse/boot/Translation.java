package org.dormouse.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.OptionalLong;

/** What a processor makes of page tables: Intel SDM volume 3A, figures 4-8 to 4-11. */
public final class Translation {
  private static final long WRITABLE = 2;
  private static final long ADDRESS = 0x000f_ffff_ffff_f000L;

  private final PagingMode mode;
  private final MemorySegment tables;
  private final long base;

  /**
   * The root is at the start of {@code tables}, and that is at the physical address {@code base}.
   */
  public Translation(PagingMode mode, MemorySegment tables, long base) {
    this.mode = mode;
    this.tables = tables;
    this.base = base;
  }

  /** The entry that maps this address to itself, writable; nothing if none does. */
  OptionalLong leaf(long address) {
    OptionalLong leaf = anyLeaf(address);
    leaf.ifPresent(entry -> assertThat(entry & WRITABLE).as("writable").isNotZero());
    return leaf;
  }

  /** Whether the address is mapped, and can be written to. */
  public boolean isWritable(long address) {
    return (anyLeaf(address).orElse(0) & WRITABLE) != 0;
  }

  /** The same, writable or not. */
  private OptionalLong anyLeaf(long address) {
    long table = base;
    for (int shift = mode == PagingMode.FIVE_LEVEL ? 48 : 39; ; shift -= 9) {
      long entry =
          tables.get(LittleEndian.U64, table - base + ((address >>> shift) & 511) * Long.BYTES);
      if ((entry & 1) == 0) {
        return OptionalLong.empty();
      }
      assertThat(entry & (1L << 63)).as("executable").isZero();
      if (shift == 12 || (shift == 21 && (entry & 0x80) != 0)) {
        assertThat(entry & ADDRESS & ((1L << shift) - 1)).as("reserved bits and PAT").isZero();
        assertThat((entry & ADDRESS) + (address & ((1L << shift) - 1)))
            .as("what 0x%x is mapped to", address)
            .isEqualTo(address);
        return OptionalLong.of(entry);
      }
      assertThat(entry & 0x80).as("a leaf of %d bits", shift).isZero();
      assertThat(entry & WRITABLE).as("writable but for the leaf").isNotZero();
      table = entry & ADDRESS;
    }
  }

  /** Whether the address is mapped. */
  public boolean maps(long address) {
    return anyLeaf(address).isPresent();
  }
}
