package org.dormouse.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dormouse.memory.PageRange;

/** Whether the machine has a BIOS, which real mode can call. */
public final class Bios {
  private static final Path EFI = Path.of("/sys/firmware/efi");
  private static final PageRange VECTORS = new PageRange(0, 1);

  private Bios() {}

  /** What there is of a BIOS. */
  public enum Presence {
    /** It has the interrupt. */
    ANSWERS,
    /** It is there, as far as the kernel tells; whether it has the interrupt cannot be seen. */
    ASSUMED,
    /** There is nothing behind the interrupt. */
    NO_SUCH_INTERRUPT,
    /** The kernel was started by UEFI, which has no interrupts. */
    UEFI
  }

  /**
   * Looks for what is behind an interrupt: the firmware's vectors are in page 0, which Linux leaves
   * alone ({@code reserve_bios_regions} in {@code arch/x86/kernel/ebda.c}).
   *
   * @param interrupt 0 to 255
   */
  public static Presence behind(int interrupt) throws IOException {
    if (Files.exists(EFI)) {
      return Presence.UEFI;
    }
    try (PhysicalMemory memory = PhysicalMemory.open(PhysicalMemory.Access.READ);
        Arena arena = Arena.ofConfined()) {
      MemorySegment vectors = memory.map(VECTORS, arena);
      return vectors.getAtIndex(ValueLayout.JAVA_INT, interrupt) == 0
          ? Presence.NO_SUCH_INTERRUPT
          : Presence.ANSWERS;
    } catch (LinuxException e) {
      // A kernel without /dev/mem, or one that keeps it to itself.
      return Presence.ASSUMED;
    }
  }
}
