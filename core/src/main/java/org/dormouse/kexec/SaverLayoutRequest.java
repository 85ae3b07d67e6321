package org.dormouse.kexec;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.OptionalLong;
import org.dormouse.boot.BzImage;
import org.dormouse.boot.PagingMode;
import org.dormouse.memory.MemoryMap;
import org.dormouse.memory.PageRange;

/**
 * What a {@link SaverLayout} is made from.
 *
 * @param map the original kernel's memory
 * @param managedPages how many pages the original kernel manages: {@code MemTotal}, which is less
 *     than the RAM of the map
 * @param region the saver region: see {@link RegionChoice}
 * @param kernel the saver kernel, from native memory
 * @param initramfs the saver's initramfs, native memory
 * @param words of the saver's command line; the layout adds its own
 * @param acpiRoot physical address of the ACPI RSDP, if known
 * @param screenInfo {@code struct screen_info} of the running kernel: what the saver may show
 *     itself on
 * @param paging the original kernel's paging mode, which the saver must share
 * @param lowMemory what the saver has of {@link SaverLayout#LOW_MEMORY}, as far as it is RAM
 * @param next where the original kernel jumps the next time, if the saver goes back for good
 *     without a program of its own; 0 = there is nobody
 */
public record SaverLayoutRequest(
    MemoryMap map,
    long managedPages,
    PageRange region,
    BzImage kernel,
    MemorySegment initramfs,
    List<String> words,
    OptionalLong acpiRoot,
    MemorySegment screenInfo,
    PagingMode paging,
    PageRange lowMemory,
    long next) {
  /** Copies the list. */
  public SaverLayoutRequest {
    words = List.copyOf(words);
  }
}
