package org.dormouse.vmcore;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;

/**
 * Where the original kernel's virtual addresses lead: its own page tables, from {@code
 * init_top_pgt} on, with 4 or 5 levels ({@code arch/x86/include/asm/pgtable_64_types.h}).
 *
 * <p>The symbols in VMCOREINFO are run-time addresses: {@code KERNELOFFSET}, by which the kernel
 * was moved, is in them already. Safe for concurrent use.
 */
public final class AddressTranslation {
  /**
   * What a virtual address leads to.
   *
   * @param address physical address
   * @param bytes how far the same leaf of the page tables reaches from there on
   */
  public record Extent(long address, long bytes) {}

  /** {@code __START_KERNEL_map} in {@code arch/x86/include/asm/page_64_types.h}. */
  private static final long START_KERNEL_MAP = 0xffff_ffff_8000_0000L;

  /** {@code KERNEL_IMAGE_SIZE} with KASLR, in {@code page_64_types.h}: the modules come behind. */
  private static final long KERNEL_IMAGE_SIZE = 1L << 30;

  // arch/x86/include/asm/pgtable_types.h
  private static final long PAGE_PRESENT = 1;
  private static final long PAGE_PSE = 1 << 7;

  /** Bits 12 to 51 of an entry: {@code PTE_PFN_MASK}. */
  private static final long ADDRESS = 0x000f_ffff_ffff_f000L;

  /** {@code PTRS_PER_PTE} is 512: each level takes 9 bits. */
  private static final int LEVEL_BITS = 9;

  /**
   * Bytes of each string in {@code struct new_utsname}, {@code include/uapi/linux/utsname.h}: the
   * release is the third.
   */
  private static final int UTS_FIELD = 65;

  /** The highest level whose entries may be leaves: 1 GiB. */
  private static final int HIGHEST_LEAF = 2;

  private final OriginalMemory memory;
  private final long physBase;
  private final long root;
  private final int levels;
  private final long addressMask;

  private AddressTranslation(
      OriginalMemory memory, long physBase, long root, int levels, long addressMask) {
    this.memory = memory;
    this.physBase = physBase;
    this.root = root;
    this.levels = levels;
    this.addressMask = addressMask;
  }

  /**
   * Finds the page tables, and checks that they lead where they must: to the kernel's own text, and
   * to a kernel of the name that VMCOREINFO says.
   *
   * @throws IOException if they cannot be read or lead elsewhere
   */
  public static AddressTranslation of(OriginalMemory memory, VmcoreInfo info) throws IOException {
    long physBase = info.number("phys_base");
    long top = info.symbol("init_top_pgt");
    // VMCOREINFO has sme_mask since 5.1; without memory encryption it is 0.
    long encrypted = info.hasNumber("sme_mask") ? info.number("sme_mask") : 0;
    AddressTranslation translation =
        new AddressTranslation(
            memory,
            physBase,
            (top - START_KERNEL_MAP + physBase) & ADDRESS,
            info.number("pgtable_l5_enabled") == 0 ? 4 : 5,
            ADDRESS & ~encrypted);
    translation.check("_stext", info.symbol("_stext"));
    translation.check("init_top_pgt", top);
    translation.checkRelease(info);
    return translation;
  }

  /** How many levels the page tables have, 4 or 5. */
  public int levels() {
    return levels;
  }

  /**
   * Translates an address.
   *
   * @throws IOException if it is not mapped, or a page table cannot be read
   */
  public Extent translate(long virtual) throws IOException {
    int unused = Long.SIZE - Pages.SHIFT - levels * LEVEL_BITS;
    if (virtual << unused >> unused != virtual) {
      throw notMapped(virtual, "it is not canonical");
    }
    long table = root;
    for (int level = levels - 1; level >= 0; level--) {
      int shift = Pages.SHIFT + level * LEVEL_BITS;
      long index = virtual >>> shift & ((1 << LEVEL_BITS) - 1);
      long entry = memory.u64(table + index * Long.BYTES);
      if ((entry & PAGE_PRESENT) == 0) {
        throw notMapped(virtual, "level " + (level + 1) + " is absent");
      }
      boolean large = level > 0 && (entry & PAGE_PSE) != 0;
      if (large && level > HIGHEST_LEAF) {
        throw notMapped(virtual, "level " + (level + 1) + " cannot be a leaf");
      }
      if (large || level == 0) {
        // In a large leaf bit 12 is PAT, and the bits above it are 0.
        long inside = (1L << shift) - 1;
        return new Extent(
            (entry & addressMask & ~inside) | (virtual & inside),
            (1L << shift) - (virtual & inside));
      }
      table = entry & addressMask;
    }
    throw new AssertionError("the last level is a leaf");
  }

  /**
   * Where the kernel's own text and data lie: from {@code _stext} to the end of what is mapped
   * there. It is one stretch of physical memory, with gaps in it that were freed.
   */
  PageRange kernelImage(VmcoreInfo info) throws IOException {
    long start = info.symbol("_stext") & -Pages.LARGE_SIZE;
    long end = start;
    for (long at = start; at - START_KERNEL_MAP < KERNEL_IMAGE_SIZE; at += Pages.LARGE_SIZE) {
      if (isMapped(at) || isMapped(at + Pages.LARGE_SIZE - Pages.SIZE)) {
        end = at + Pages.LARGE_SIZE;
      }
    }
    return new PageRange(
        Pages.pfn(start - START_KERNEL_MAP + physBase),
        Pages.pfn(end - START_KERNEL_MAP + physBase));
  }

  private boolean isMapped(long virtual) throws IOException {
    try {
      return translate(virtual).address() == virtual - START_KERNEL_MAP + physBase;
    } catch (VmcoreException e) {
      return false;
    }
  }

  /** The 8 bytes at a virtual address. */
  public long u64(long virtual) throws IOException {
    Extent extent = translate(virtual);
    if (extent.bytes() >= Long.BYTES) {
      return memory.u64(extent.address());
    }
    long[] word = new long[1];
    read(virtual, MemorySegment.ofArray(word));
    return word[0];
  }

  /** Fills {@code target} with the bytes from a virtual address on. */
  public void read(long virtual, MemorySegment target) throws IOException {
    for (long done = 0; done < target.byteSize(); ) {
      Extent extent = translate(virtual + done);
      long count = Math.min(extent.bytes(), target.byteSize() - done);
      memory.read(extent.address(), target.asSlice(done, count));
      done += count;
    }
  }

  /** The kernel's image is mapped as a whole: {@code __phys_addr} in {@code physaddr.c}. */
  private void check(String symbol, long virtual) throws IOException {
    long address = translate(virtual).address();
    if (address != virtual - START_KERNEL_MAP + physBase) {
      throw new VmcoreException(
          String.format(
              "the page tables lead %s (0x%x) to 0x%x, VMCOREINFO to 0x%x",
              symbol, virtual, address, virtual - START_KERNEL_MAP + physBase));
    }
  }

  /** {@code init_uts_ns.name.release} is what VMCOREINFO calls {@code OSRELEASE}. */
  private void checkRelease(VmcoreInfo info) throws IOException {
    byte[] release = new byte[UTS_FIELD];
    long utsName = info.symbol("init_uts_ns") + info.offset("uts_namespace.name");
    read(utsName + 2 * UTS_FIELD, MemorySegment.ofArray(release));
    byte[] told =
        Arrays.copyOf(info.value("OSRELEASE").getBytes(StandardCharsets.US_ASCII), UTS_FIELD);
    if (!Arrays.equals(release, told)) {
      throw new VmcoreException(
          "VMCOREINFO is of kernel "
              + info.value("OSRELEASE")
              + ", and there is another name in its memory");
    }
  }

  private static VmcoreException notMapped(long virtual, String why) {
    return new VmcoreException(
        String.format("virtual address 0x%x is not mapped: %s", virtual, why));
  }
}
