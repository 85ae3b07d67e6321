package org.dormouse.kexec;

import java.util.List;
import org.dormouse.memory.PageRange;

/**
 * Where the saver kernel keeps what it prints when it panics: the end of its crash reservation,
 * which its allocator leaves alone. Its ramoops driver ({@code
 * Documentation/admin-guide/ramoops.rst}) writes there, if the kernel has it.
 */
final class PanicLogArea {
  /** Its size in pages. */
  static final int PAGES = 8;

  private PanicLogArea() {}

  /** Where it is. */
  static PageRange of(PageRange reservation) {
    return new PageRange(reservation.end() - PAGES, reservation.end());
  }

  /** The rest of the reservation. */
  static PageRange before(PageRange reservation) {
    return new PageRange(reservation.start(), reservation.end() - PAGES);
  }

  /**
   * The words that have the kernel write there: one record, not compressed, in memory that is
   * cached as usual; and first the log, then the jump.
   */
  static List<String> words(PageRange reservation) {
    PageRange log = of(reservation);
    return List.of(
        String.format("ramoops.mem_address=0x%x", log.startAddress()),
        String.format("ramoops.mem_size=0x%x", log.bytes()),
        String.format("ramoops.record_size=0x%x", log.bytes()),
        "ramoops.mem_type=2",
        "ramoops.console_size=0",
        "ramoops.ftrace_size=0",
        "ramoops.pmsg_size=0",
        "pstore.compress=none",
        "crash_kexec_post_notifiers");
  }
}
