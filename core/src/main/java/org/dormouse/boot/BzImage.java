package org.dormouse.boot;

import static org.dormouse.boot.LittleEndian.U16;
import static org.dormouse.boot.LittleEndian.U32;
import static org.dormouse.boot.LittleEndian.U64;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import org.dormouse.memory.Pages;

/**
 * A Linux kernel file for x86-64 that can be started at its 64-bit entry point.
 *
 * <p>Offsets and flags: {@code Documentation/arch/x86/boot.rst} and {@code
 * arch/x86/include/uapi/asm/bootparam.h}.
 */
public final class BzImage {
  /** Where the setup header begins, in the file and in {@code boot_params}, in bytes. */
  static final long SETUP_HEADER = 0x1f1;

  /** Where the setup header must end at the latest: what {@code boot_params} has room for. */
  static final long SETUP_HEADER_ROOM_END = 0x290;

  /** How far behind the start of the protected-mode code its 64-bit entry point lies, in bytes. */
  public static final long ENTRY_64 = 0x200;

  private static final long SETUP_SECTS = 0x1f1;
  private static final long SYSSIZE = 0x1f4;
  private static final long BOOT_FLAG = 0x1fe;
  private static final long JUMP_DISTANCE = 0x201;
  private static final long HEADER_MAGIC = 0x202;
  private static final long VERSION = 0x206;
  private static final long KERNEL_VERSION = 0x20e;
  private static final long KERNEL_ALIGNMENT = 0x230;
  private static final long RELOCATABLE_KERNEL = 0x234;
  private static final long XLOADFLAGS = 0x236;
  private static final long CMDLINE_SIZE = 0x238;
  private static final long PREF_ADDRESS = 0x258;
  private static final long INIT_SIZE = 0x260;
  private static final long INIT_SIZE_END = 0x264;

  private static final int BOOT_FLAG_VALUE = 0xaa55;
  private static final int HDRS = 0x53726448; // "HdrS"
  private static final int VERSION_2_12 = 0x020c; // the first with xloadflags
  private static final int SECTOR = 512;
  private static final int SETUP_SECTS_OF_0 = 4;
  private static final int SYSSIZE_UNIT = 16;
  private static final int KERNEL_VERSION_BIAS = 0x200;

  private static final int XLF_KERNEL_64 = 1;
  private static final int XLF_CAN_BE_LOADED_ABOVE_4G = 1 << 1;
  private static final int XLF_5LEVEL_ENABLED = 1 << 6;

  private final MemorySegment setupHeader;
  private final MemorySegment code;
  private final String version;

  private BzImage(MemorySegment setupHeader, MemorySegment code, String version) {
    this.setupHeader = setupHeader;
    this.code = code;
    this.version = version;
  }

  /**
   * Looks at a kernel file; copies nothing, so the result lives as long as {@code file}.
   *
   * @throws BootFormatException if it is not a kernel, is cut short, or cannot be started at a
   *     64-bit entry point at an address of our choice
   */
  public static BzImage parse(MemorySegment file) throws BootFormatException {
    checkMagic(file);
    long headerEnd = headerEnd(file);
    BzImage image =
        new BzImage(
            file.asSlice(SETUP_HEADER, headerEnd - SETUP_HEADER),
            protectedModeCode(file),
            versionText(file));
    image.check();
    return image;
  }

  /** The setup header, from {@code setup_sects} on: what goes to the same offset of boot_params. */
  public MemorySegment setupHeader() {
    return setupHeader;
  }

  /** What is loaded: the protected-mode code, a slice of the file. */
  public MemorySegment code() {
    return code;
  }

  /**
   * How many bytes from its load address on the kernel needs before it knows the memory map: its
   * unpacked size and more.
   */
  public long initSize() {
    return u32(INIT_SIZE);
  }

  /** What the load address must be a multiple of, in bytes; a power of two. */
  public long alignment() {
    return u32(KERNEL_ALIGNMENT);
  }

  /**
   * The load address below which the kernel does not run: it would move itself up to here ({@code
   * startup_64} in {@code arch/x86/boot/compressed/head_64.S}).
   */
  public long lowestAddress() {
    return setupHeader.get(U64, PREF_ADDRESS - SETUP_HEADER);
  }

  /** The longest command line in bytes, without the terminating zero. */
  public int commandLineLimit() {
    return (int) Math.min(Integer.MAX_VALUE, u32(CMDLINE_SIZE));
  }

  /** The kernel release, as {@code uname -r} says it. */
  public String release() {
    int space = version.indexOf(' ');
    return space < 0 ? version : version.substring(0, space);
  }

  /** The release, and who built the kernel, and when. */
  public String version() {
    return version;
  }

  /** Whether code, boot parameters, command line and initramfs may lie above 4 GiB. */
  public boolean loadableAbove4G() {
    return (xloadflags() & XLF_CAN_BE_LOADED_ABOVE_4G) != 0;
  }

  /**
   * Whether a kernel that was entered in this paging mode can stay in it. Every kernel can do
   * 4-level paging; it may have to be told so with {@code no5lvl}.
   */
  public boolean supports(PagingMode mode) {
    return switch (mode) {
      case FOUR_LEVEL -> true;
      case FIVE_LEVEL -> (xloadflags() & XLF_5LEVEL_ENABLED) != 0;
    };
  }

  private static void checkMagic(MemorySegment file) throws BootFormatException {
    if (file.byteSize() < INIT_SIZE_END) {
      throw BootFormatException.of(
          "not a Linux kernel: %d bytes are too few for a boot header", file.byteSize());
    }
    if (Short.toUnsignedInt(file.get(U16, BOOT_FLAG)) != BOOT_FLAG_VALUE
        || file.get(U32, HEADER_MAGIC) != HDRS) {
      throw BootFormatException.of("not a Linux kernel for x86: no \"HdrS\" at offset 0x202");
    }
    int version = Short.toUnsignedInt(file.get(U16, VERSION));
    if (version < VERSION_2_12) {
      throw BootFormatException.of(
          "the kernel speaks boot protocol %d.%02d; 2.12 (Linux 3.8) is the oldest that will do",
          version >>> 8, version & 0xff);
    }
  }

  private static long headerEnd(MemorySegment file) throws BootFormatException {
    long end = HEADER_MAGIC + Byte.toUnsignedInt(file.get(ValueLayout.JAVA_BYTE, JUMP_DISTANCE));
    if (end < INIT_SIZE_END || end > SETUP_HEADER_ROOM_END || end > file.byteSize()) {
      throw BootFormatException.of("the kernel's boot header ends at 0x%x, which cannot be", end);
    }
    return end;
  }

  private static MemorySegment protectedModeCode(MemorySegment file) throws BootFormatException {
    int sectors = Byte.toUnsignedInt(file.get(ValueLayout.JAVA_BYTE, SETUP_SECTS));
    long start = (1L + (sectors == 0 ? SETUP_SECTS_OF_0 : sectors)) * SECTOR;
    long paragraphs = Integer.toUnsignedLong(file.get(U32, SYSSIZE));
    // The last paragraph need not be whole.
    long leastEnd = start + Math.max(1, (paragraphs - 1) * SYSSIZE_UNIT + 1);
    if (paragraphs == 0 || leastEnd > file.byteSize()) {
      throw BootFormatException.of(
          "the kernel is cut short: %d bytes, and it says that it has %d",
          file.byteSize(), start + paragraphs * SYSSIZE_UNIT);
    }
    return file.asSlice(start);
  }

  private static String versionText(MemorySegment file) throws BootFormatException {
    int pointer = Short.toUnsignedInt(file.get(U16, KERNEL_VERSION));
    long start = (long) pointer + KERNEL_VERSION_BIAS;
    long end = start;
    while (end < file.byteSize() && file.get(ValueLayout.JAVA_BYTE, end) != 0) {
      end++;
    }
    if (pointer == 0 || end >= file.byteSize() || end == start) {
      throw BootFormatException.of("the kernel does not say which version it is");
    }
    byte[] text = file.asSlice(start, end - start).toArray(ValueLayout.JAVA_BYTE);
    return new String(text, StandardCharsets.ISO_8859_1);
  }

  private void check() throws BootFormatException {
    if ((xloadflags() & XLF_KERNEL_64) == 0) {
      throw BootFormatException.of("the kernel has no 64-bit entry point");
    }
    if (setupHeader.get(ValueLayout.JAVA_BYTE, RELOCATABLE_KERNEL - SETUP_HEADER) == 0) {
      throw BootFormatException.of(
          "the kernel is not relocatable: it was built without CONFIG_RELOCATABLE");
    }
    if (Long.bitCount(alignment()) != 1 || alignment() < Pages.SIZE) {
      throw BootFormatException.of("the kernel asks for an alignment of 0x%x bytes", alignment());
    }
    if (initSize() < code.byteSize() || code.byteSize() <= ENTRY_64) {
      throw BootFormatException.of(
          "the kernel wants %d bytes to unpack itself in and has %d of code",
          initSize(), code.byteSize());
    }
    if (lowestAddress() < 0) {
      throw BootFormatException.of("the kernel wants to be at 0x%x", lowestAddress());
    }
  }

  private int xloadflags() {
    return Short.toUnsignedInt(setupHeader.get(U16, XLOADFLAGS - SETUP_HEADER));
  }

  private long u32(long offset) {
    return Integer.toUnsignedLong(setupHeader.get(U32, offset - SETUP_HEADER));
  }

  @Override
  public String toString() {
    return "Linux " + version;
  }
}
