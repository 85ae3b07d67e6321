package org.dormouse.sleep;

import java.io.IOException;
import java.util.Comparator;
import org.dormouse.boot.LeafSize;
import org.dormouse.boot.PagingMode;
import org.dormouse.kexec.JumpBack;
import org.dormouse.kexec.KexecImage;
import org.dormouse.kexec.KexecPlanException;
import org.dormouse.linux.IoMemory;
import org.dormouse.linux.Kexec;
import org.dormouse.linux.Processor;
import org.dormouse.linux.VmcoreFile;
import org.dormouse.memory.PageRange;
import org.dormouse.vmcore.VmcoreWindow;

/** In the saver kernel: back into the original kernel, for good. */
public final class ReturnJump {
  private ReturnJump() {}

  /**
   * Jumps back.
   *
   * @param jumpBackEntry physical address at which the original kernel goes on
   * @throws IOException if the kernel does not jump; the saver kernel goes on
   */
  public static void run(long jumpBackEntry) throws IOException {
    Processor processor = Processor.read();
    PageRange room = largestRam();
    try {
      KexecImage image =
          JumpBack.plan(
              jumpBackEntry,
              processor.fiveLevelPaging() ? PagingMode.FIVE_LEVEL : PagingMode.FOUR_LEVEL,
              processor.gigabytePages() ? LeafSize.HUGE : LeafSize.LARGE,
              room,
              limitAddress());
      SaverJump.load(image);
    } catch (KexecPlanException e) {
      throw new IOException("the way back cannot be planned: " + e.getMessage(), e);
    }
    Kexec.execute();
  }

  /** The saver's own memory: what it has above 1 MiB is the saver region. */
  private static PageRange largestRam() throws IOException {
    return IoMemory.read().map().ram().stream()
        .max(Comparator.comparingLong(PageRange::count))
        .orElseThrow(() -> new IOException("this kernel has no memory"));
  }

  private static long limitAddress() throws IOException {
    try (VmcoreFile vmcore = VmcoreFile.open()) {
      return Save.windows(vmcore).stream()
          .map(VmcoreWindow::pages)
          .mapToLong(PageRange::endAddress)
          .max()
          .orElseThrow(() -> new IOException("the original kernel has no memory"));
    }
  }
}
