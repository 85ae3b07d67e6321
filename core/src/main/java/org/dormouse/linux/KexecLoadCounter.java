package org.dormouse.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * How often {@code kexec_load} may still be called for a reboot: {@code
 * kernel.kexec_load_limit_reboot}, since Linux 6.3 ({@code kernel/kexec_core.c}). Once there is a
 * limit, each call by anybody takes one off it, those that fail or unload included: the same number
 * as before means that what is loaded is what was loaded then.
 *
 * <p>The kernel only lets a limit be lowered, until the next boot. A limit that an administrator
 * has set is left alone; it counts as well.
 */
public final class KexecLoadCounter {
  private static final Path SOURCE = Path.of("/proc/sys/kernel/kexec_load_limit_reboot");
  private static final long UNLIMITED = -1;

  /** More than anybody loads between two boots. */
  private static final long PLENTY = 1_000_000;

  private KexecLoadCounter() {}

  /**
   * How many calls are left.
   *
   * @return empty if this kernel does not count, or does not yet
   */
  public static OptionalLong read() throws IOException {
    return read(SOURCE);
  }

  /**
   * Has the kernel count, if it can and does not yet.
   *
   * @return how many calls are left; empty if this kernel cannot count
   */
  public static OptionalLong arm() throws IOException {
    return arm(SOURCE);
  }

  static OptionalLong read(Path knob) throws IOException {
    if (!Files.exists(knob)) {
      return OptionalLong.empty();
    }
    long left = Long.parseLong(KernelFile.read(knob));
    return left == UNLIMITED ? OptionalLong.empty() : OptionalLong.of(left);
  }

  static OptionalLong arm(Path knob) throws IOException {
    if (Files.exists(knob) && read(knob).isEmpty()) {
      Files.writeString(knob, PLENTY + "\n");
    }
    return read(knob);
  }
}
