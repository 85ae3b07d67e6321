package org.dormouse.kexec;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.dormouse.boot.BzImage;
import org.dormouse.boot.PagingMode;
import org.dormouse.memory.PageRange;

/**
 * The command line with which a boot loader, or kexec-tools, starts the saver in its region at the
 * next power-on: it has to leave the original kernel's memory alone, though whoever starts it gives
 * it the memory map of the whole machine.
 *
 * <p>kexec-tools are told the same with {@code --mem-min} and {@code --mem-max}: start and last
 * byte of the region.
 */
public final class RestoreCommandLine {
  private static final long MIB = 1L << 20;

  private RestoreCommandLine() {}

  /**
   * Plans the command line.
   *
   * @param region the saver region
   * @param kernel the saver kernel
   * @param paging the original kernel's paging mode
   * @param crashReservation for {@link JumpBack#onCrash}: {@link SaverLayout#crashReservation}
   * @param words the others
   * @throws KexecPlanException if it is too long for the kernel
   */
  public static String plan(
      PageRange region,
      BzImage kernel,
      PagingMode paging,
      Optional<PageRange> crashReservation,
      List<String> words)
      throws KexecPlanException {
    List<String> all = new ArrayList<>();
    // "mem=" is where RAM ends, not how much there is (parse_memopt in arch/x86/kernel/e820.c).
    all.add("mem=" + size(region.endAddress()));
    if (region.startAddress() > MIB) {
      all.add("memmap=" + size(region.startAddress() - MIB) + "$1M");
    }
    all.add("iomem=relaxed"); // /dev/mem maps what other entries of the map are merged with
    all.add("nokaslr"); // the kernel moves by no choice of its own
    all.addAll(SaverWords.common(paging, crashReservation));
    all.addAll(words);
    return SaverWords.join(all, kernel);
  }

  private static String size(long bytes) {
    return bytes % MIB == 0 ? bytes / MIB + "M" : Long.toString(bytes);
  }
}
