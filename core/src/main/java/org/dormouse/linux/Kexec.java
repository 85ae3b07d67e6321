package org.dormouse.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;

/**
 * {@code kexec_load(2)} and {@code reboot(LINUX_REBOOT_CMD_KEXEC)}. Constants: {@code
 * include/uapi/linux/kexec.h}.
 */
public final class Kexec {
  /** What becomes of the kernel that jumps, and when it does. */
  public enum Context {
    /** Nothing of the running kernel survives. */
    PLAIN(0),
    /**
     * {@code KEXEC_PRESERVE_CONTEXT}: what lies in the destinations is swapped, devices and CPU
     * state are kept, and the running kernel can be jumped back to.
     */
    PRESERVE_CONTEXT(2),
    /**
     * {@code KEXEC_ON_CRASH}: loaded beside what else is loaded, into the crash reservation; jumped
     * to when the kernel panics.
     */
    ON_CRASH(1);

    private final long bits;

    Context(long bits) {
      this.bits = bits;
    }
  }

  /**
   * A part of what is loaded: {@code struct kexec_segment} in {@code include/linux/kexec.h}.
   *
   * @param content native memory; it may be shorter than the destination, whose rest is zeroed. It
   *     must stay alive and unchanged until it is loaded
   * @param destination where it goes
   */
  public record Segment(MemorySegment content, PageRange destination) {
    /**
     * Checks that the content fits.
     *
     * @throws IllegalArgumentException if it does not, if it is not native memory, or if the
     *     destination is empty
     */
    public Segment {
      if (!content.isNative()) {
        throw new IllegalArgumentException("kexec content on the Java heap");
      }
      if (destination.isEmpty() || content.byteSize() > destination.bytes()) {
        throw new IllegalArgumentException(
            content.byteSize() + " bytes do not fit into " + destination);
      }
    }

    /** A segment of zeros. */
    public static Segment zeros(PageRange destination) {
      return new Segment(MemorySegment.NULL, destination);
    }

    /** A segment with a copy of these bytes, which lives as long as the segment. */
    public static Segment of(byte[] bytes, PageRange destination) {
      MemorySegment content = Arena.ofAuto().allocate(bytes.length, Pages.SIZE);
      content.copyFrom(MemorySegment.ofArray(bytes));
      return new Segment(content.asReadOnly(), destination);
    }

    @Override
    public String toString() {
      return String.format(
          "%s, %,d pages, %,d bytes of content",
          destination, destination.count(), content.byteSize());
    }
  }

  private static final long ARCH_X86_64 = 62L << 16;
  private static final int SEGMENT_BYTES = 4 * Long.BYTES;
  private static final Path LOADED = Path.of("/sys/kernel/kexec_loaded");
  private static final Path CRASH_LOADED = Path.of("/sys/kernel/kexec_crash_loaded");
  private static final Path CRASH_SIZE = Path.of("/sys/kernel/kexec_crash_size");
  private static final Path DISABLED = Path.of("/proc/sys/kernel/kexec_load_disabled");
  private static final Path LOCKDOWN = Path.of("/sys/kernel/security/lockdown");

  private Kexec() {}

  /**
   * Loads an image, in place of one that is loaded for the same occasion: a jump, or a crash.
   *
   * @param entry physical address that is jumped to
   * @throws LinuxException with the kernel's error; nothing is loaded then
   */
  public static void load(long entry, List<Segment> segments, Context context)
      throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment table = arena.allocate((long) segments.size() * SEGMENT_BYTES, Long.BYTES);
      for (int i = 0; i < segments.size(); i++) {
        Segment segment = segments.get(i);
        long base = (long) i * SEGMENT_BYTES;
        boolean bare = segment.content().byteSize() == 0;
        table.set(ValueLayout.JAVA_LONG, base, bare ? 0 : segment.content().address());
        table.set(ValueLayout.JAVA_LONG, base + 8, segment.content().byteSize());
        table.set(ValueLayout.JAVA_LONG, base + 16, segment.destination().startAddress());
        table.set(ValueLayout.JAVA_LONG, base + 24, segment.destination().bytes());
      }
      Syscall.KEXEC_LOAD.call(
          String.format("kexec_load entry 0x%x, %s, %s", entry, segments, context),
          entry,
          segments.size(),
          table.address(),
          context.bits | ARCH_X86_64);
    }
  }

  /** Unloads what is loaded for a jump, if anything. */
  public static void unload() throws LinuxException {
    unload(Context.PLAIN);
  }

  /** Unloads what is loaded for a crash, if anything. */
  public static void unloadCrash() throws LinuxException {
    unload(Context.ON_CRASH);
  }

  private static void unload(Context context) throws LinuxException {
    Syscall.KEXEC_LOAD.call("kexec_load nothing", 0, 0, 0, context.bits | ARCH_X86_64);
  }

  /**
   * Whether this kernel has memory for what a crash jumps into. One that was told to take a place
   * at which something lies already has none ({@code reserve_crashkernel_generic} in {@code
   * kernel/crash_reserve.c}).
   */
  public static boolean hasCrashReservation() throws IOException {
    return Long.parseLong(Files.readString(CRASH_SIZE).strip()) != 0;
  }

  /**
   * Whether the kernel knows {@link Context#PRESERVE_CONTEXT}: it refuses unknown flags before it
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
          "kexec_load nothing, " + Context.PRESERVE_CONTEXT,
          0,
          0,
          0,
          Context.PRESERVE_CONTEXT.bits | ARCH_X86_64);
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

  /** Whether an image is loaded for a jump. */
  public static boolean isLoaded() throws IOException {
    return KernelFile.read(LOADED).equals("1");
  }

  /** Whether an image is loaded for a crash. */
  public static boolean isCrashLoaded() throws IOException {
    return Files.exists(CRASH_LOADED) && Files.readString(CRASH_LOADED).strip().equals("1");
  }

  /** Whether the administrator has switched loading off until the next boot. */
  public static boolean isDisabled() throws IOException {
    return Files.exists(DISABLED) && !KernelFile.read(DISABLED).equals("0");
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

  /** The number of the task that calls this: of the one that jumps, if it jumps itself. */
  public static long task() throws LinuxException {
    return Syscall.GETTID.call("gettid");
  }

  /**
   * Jumps into the loaded image. With {@link Context#PRESERVE_CONTEXT} it returns when the other
   * system has jumped back; otherwise it does not return.
   *
   * @throws LinuxException if the kernel could not jump; the machine goes on
   */
  public static void execute() throws LinuxException {
    Power.reboot("reboot into the loaded kexec image", Power.KEXEC);
  }
}
