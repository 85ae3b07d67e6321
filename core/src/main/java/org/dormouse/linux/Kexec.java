package org.dormouse.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * {@code kexec_load(2)} and {@code reboot(LINUX_REBOOT_CMD_KEXEC)}. Constants: {@code
 * include/uapi/linux/kexec.h}.
 */
public final class Kexec {
  /** Whether the running kernel can be jumped back to. */
  public enum Flag {
    /** Nothing of the running kernel survives. */
    PLAIN(0),
    /**
     * {@code KEXEC_PRESERVE_CONTEXT}: what lies in the destinations is swapped, devices and CPU
     * state are kept.
     */
    PRESERVE_CONTEXT(2);

    private final long bits;

    Flag(long bits) {
      this.bits = bits;
    }
  }

  /**
   * One segment to load.
   *
   * @param content native memory; the rest of the destination is zeroed
   * @param address physical address of the destination, page aligned
   * @param size bytes of the destination, whole pages
   */
  public record Segment(MemorySegment content, long address, long size) {}

  private static final long ARCH_X86_64 = 62L << 16;
  private static final int SEGMENT_BYTES = 4 * Long.BYTES;
  private static final Path LOADED = Path.of("/sys/kernel/kexec_loaded");
  private static final Path DISABLED = Path.of("/proc/sys/kernel/kexec_load_disabled");
  private static final Path LOCKDOWN = Path.of("/sys/kernel/security/lockdown");

  private Kexec() {}

  /**
   * Loads an image, in place of one that is loaded.
   *
   * @param entry physical address that is jumped to
   * @throws LinuxException with the kernel's error; nothing is loaded then
   */
  public static void load(long entry, List<Segment> segments, Flag flag) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment table = arena.allocate((long) segments.size() * SEGMENT_BYTES, Long.BYTES);
      for (int i = 0; i < segments.size(); i++) {
        Segment segment = segments.get(i);
        long base = (long) i * SEGMENT_BYTES;
        boolean bare = segment.content().byteSize() == 0;
        table.set(ValueLayout.JAVA_LONG, base, bare ? 0 : segment.content().address());
        table.set(ValueLayout.JAVA_LONG, base + 8, segment.content().byteSize());
        table.set(ValueLayout.JAVA_LONG, base + 16, segment.address());
        table.set(ValueLayout.JAVA_LONG, base + 24, segment.size());
      }
      Syscall.KEXEC_LOAD.call(
          String.format("kexec_load entry 0x%x, %s, %s", entry, segments, flag),
          entry,
          segments.size(),
          table.address(),
          flag.bits | ARCH_X86_64);
    }
  }

  /** Unloads what is loaded, if anything. */
  public static void unload() throws LinuxException {
    Syscall.KEXEC_LOAD.call("kexec_load nothing", 0, 0, 0, ARCH_X86_64);
  }

  /**
   * Whether the kernel knows {@link Flag#PRESERVE_CONTEXT}: it refuses unknown flags before it
   * looks at the segments ({@code kexec_load_check} in {@code kernel/kexec.c}). Asks by loading
   * nothing, so a loaded image would be lost.
   *
   * @throws IOException if an image is loaded, or kexec is not allowed at all
   */
  public static boolean canPreserveContext() throws IOException {
    if (isLoaded()) {
      throw new IOException("a kexec image is loaded already; unload it with: kexec -u");
    }
    try {
      Syscall.KEXEC_LOAD.call(
          "kexec_load nothing, " + Flag.PRESERVE_CONTEXT,
          0,
          0,
          0,
          Flag.PRESERVE_CONTEXT.bits | ARCH_X86_64);
      return true;
    } catch (LinuxException e) {
      if (e.errno() == Errno.EINVAL) {
        return false;
      }
      throw e;
    }
  }

  /** Whether the kernel was built with kexec at all. */
  public static boolean isSupported() {
    return Files.exists(LOADED);
  }

  /** Whether an image is loaded. */
  public static boolean isLoaded() throws IOException {
    return Files.readString(LOADED).strip().equals("1");
  }

  /** Whether the administrator has switched loading off until the next boot. */
  public static boolean isDisabled() throws IOException {
    return Files.exists(DISABLED) && !Files.readString(DISABLED).strip().equals("0");
  }

  /** The kernel's lockdown mode: {@code none}, {@code integrity} or {@code confidentiality}. */
  public static String lockdown() throws IOException {
    if (!Files.exists(LOCKDOWN)) {
      return "none";
    }
    String text = Files.readString(LOCKDOWN);
    int open = text.indexOf('[');
    int close = text.indexOf(']');
    return open < 0 || close < open ? text.strip() : text.substring(open + 1, close);
  }

  /**
   * Jumps into the loaded image. With {@link Flag#PRESERVE_CONTEXT} it returns when the other
   * system has jumped back; otherwise it does not return.
   *
   * @throws LinuxException if the kernel could not jump; the machine goes on
   */
  public static void execute() throws LinuxException {
    Power.reboot("reboot into the loaded kexec image", Power.KEXEC);
  }
}
