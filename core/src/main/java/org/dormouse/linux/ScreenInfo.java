package org.dormouse.linux;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * What the running kernel was told of the screen: {@code struct screen_info} at the start of {@code
 * boot_params} ({@code include/uapi/linux/screen_info.h}). Another kernel on the machine shows
 * nothing without it where there is no VGA.
 */
public final class ScreenInfo {
  /** Its size in bytes: {@code Documentation/arch/x86/zero-page.rst}. */
  public static final int BYTES = 0x40;

  private static final Path BOOT_PARAMS = Path.of("/sys/kernel/boot_params/data");

  private ScreenInfo() {}

  /** The structure, {@link #BYTES}; zeros if the kernel does not tell. */
  public static MemorySegment read() throws IOException {
    byte[] start = Files.exists(BOOT_PARAMS) ? Files.readAllBytes(BOOT_PARAMS) : new byte[BYTES];
    return MemorySegment.ofArray(Arrays.copyOf(start, BYTES)).asReadOnly();
  }
}
