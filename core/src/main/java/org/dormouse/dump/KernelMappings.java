package org.dormouse.dump;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.dormouse.dump.CoreDescription.Load;
import org.dormouse.memory.Frames;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;
import org.dormouse.vmcore.AddressTranslation;
import org.dormouse.vmcore.OriginalMemory;
import org.dormouse.vmcore.SourcePages;
import org.dormouse.vmcore.VmcoreInfo;

/**
 * Where a kernel has its memory in its address space, for dumps that do not say it: found with the
 * kernel's page tables, as far as these are in the dump.
 *
 * <p>{@code Documentation/arch/x86/x86_64/mm.rst}.
 */
final class KernelMappings {
  /** {@code __START_KERNEL_map}, {@code arch/x86/include/asm/page_64_types.h}. */
  private static final long START_KERNEL_MAP = 0xffff_ffff_8000_0000L;

  /** {@code KERNEL_IMAGE_SIZE}: the kernel is never mapped beyond. */
  private static final long MOST_IMAGE_BYTES = 1L << 30;

  private KernelMappings() {}

  /**
   * The kernel's image first, then all RAM, as {@code /proc/vmcore} has them.
   *
   * @return nothing of what cannot be told
   */
  static List<Load> of(CoreDescription description, List<PageRange> ram, Frames frames) {
    List<Load> loads = new ArrayList<>();
    try {
      VmcoreInfo info = description.vmcoreInfo();
      OriginalMemory memory = OriginalMemory.of(frames, ram, SourcePages.none());
      AddressTranslation tables = AddressTranslation.of(memory, info);
      loads.add(image(tables, info));
      long offset = directMap(tables, info);
      ram.forEach(
          range ->
              loads.add(
                  new Load(range.startAddress(), offset + range.startAddress(), range.bytes())));
    } catch (IOException e) {
      // A dump without page tables is a dump still.
    }
    return List.copyOf(loads);
  }

  /** From the large page of {@code _stext} on as far as it is mapped. */
  private static Load image(AddressTranslation tables, VmcoreInfo info) throws IOException {
    long start = Pages.alignDown(info.symbol("_stext"), Pages.LARGE_SIZE);
    long physical = tables.translate(start).address();
    long bytes = 0;
    try {
      while (bytes < MOST_IMAGE_BYTES
          && tables.translate(start + bytes).address() == physical + bytes) {
        bytes += Pages.LARGE_SIZE;
      }
    } catch (IOException e) {
      // Here it ends.
    }
    return new Load(physical, start, bytes);
  }

  /**
   * {@code page_offset_base}, which KASLR has chosen and VMCOREINFO does not say: the virtual
   * address of physical address 0. With {@code CONFIG_SPARSEMEM_EXTREME} {@code mem_section} is an
   * address in the direct map.
   */
  private static long directMap(AddressTranslation tables, VmcoreInfo info) throws IOException {
    long virtual = info.symbol("mem_section");
    if (Long.compareUnsigned(virtual, START_KERNEL_MAP) >= 0) {
      throw new CoreFormatException("nothing tells where the direct map is");
    }
    return virtual - tables.translate(virtual).address();
  }
}
