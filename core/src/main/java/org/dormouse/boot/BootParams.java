package org.dormouse.boot;

import static org.dormouse.boot.LittleEndian.U32;
import static org.dormouse.boot.LittleEndian.U64;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.OptionalLong;
import org.dormouse.memory.Pages;

/**
 * What a boot loader tells a kernel: {@code struct boot_params}, the "zero page".
 *
 * <p>Offsets: {@code arch/x86/include/uapi/asm/bootparam.h} and {@code
 * Documentation/arch/x86/zero-page.rst}.
 *
 * @param kernel whose setup header goes into it
 * @param commandLine physical address of the command line, which ends with a zero byte
 * @param initramfs physical address of the initramfs
 * @param initramfsSize its size in bytes; 0 = there is none
 * @param memory the E820 table
 * @param memoryExtension physical address of what does not fit of the E820 table, {@link
 *     #extension}; it is ignored if there is none
 * @param acpiRoot physical address of the ACPI RSDP; if it is not given, the kernel searches low
 *     memory for it, which finds it on a machine with a BIOS and not on one with UEFI
 * @param screenInfo {@code struct screen_info} as the running kernel has it, at most 64 bytes
 */
public record BootParams(
    BzImage kernel,
    long commandLine,
    long initramfs,
    long initramfsSize,
    List<E820.Entry> memory,
    long memoryExtension,
    OptionalLong acpiRoot,
    MemorySegment screenInfo) {
  /** The size of the structure in bytes: one page. */
  public static final int SIZE = Pages.SIZE;

  /**
   * The most E820 entries that the structure holds: {@code E820_MAX_ENTRIES_ZEROPAGE} in {@code
   * arch/x86/include/uapi/asm/bootparam.h}.
   */
  private static final int MAX_ENTRIES = 128;

  private static final long ACPI_RSDP_ADDR = 0x070;
  private static final long EXT_RAMDISK_IMAGE = 0x0c0;
  private static final long EXT_RAMDISK_SIZE = 0x0c4;
  private static final long EXT_CMD_LINE_PTR = 0x0c8;
  private static final long E820_ENTRIES = 0x1e8;
  private static final long TYPE_OF_LOADER = 0x210;
  private static final long LOADFLAGS = 0x211;
  private static final long RAMDISK_IMAGE = 0x218;
  private static final long RAMDISK_SIZE = 0x21c;
  private static final long CMD_LINE_PTR = 0x228;
  private static final long SETUP_DATA = 0x250;
  private static final long E820_TABLE = 0x2d0;
  private static final long E820_ENTRY_SIZE = 20;

  // struct setup_data: arch/x86/include/uapi/asm/setup_data.h
  private static final long SETUP_DATA_TYPE = 8;
  private static final long SETUP_DATA_LENGTH = 12;
  private static final long SETUP_DATA_HEADER = 16;
  private static final int SETUP_E820_EXT = 1;

  private static final byte LOADER_UNDEFINED = (byte) 0xff; // "no assigned ID"
  private static final byte LOADED_HIGH = 1;

  /**
   * Checks what the structure cannot hold.
   *
   * @throws IllegalArgumentException if an address is negative, or above 4 GiB for a kernel that
   *     does not take one
   */
  public BootParams {
    memory = List.copyOf(memory);
    long highest = Math.max(commandLine, initramfs + initramfsSize);
    if (commandLine < 0 || initramfs < 0 || initramfsSize < 0 || memoryExtension < 0) {
      throw new IllegalArgumentException("negative address or size");
    }
    if (highest > 1L << Integer.SIZE && !kernel.loadableAbove4G()) {
      throw new IllegalArgumentException(kernel + " takes nothing above 4 GiB");
    }
  }

  /** The structure, {@link #SIZE} bytes. */
  public byte[] bytes() {
    byte[] bytes = new byte[SIZE];
    MemorySegment page = MemorySegment.ofArray(bytes);
    page.copyFrom(screenInfo);
    MemorySegment header = kernel.setupHeader();
    MemorySegment.copy(header, 0, page, BzImage.SETUP_HEADER, header.byteSize());
    page.set(ValueLayout.JAVA_BYTE, TYPE_OF_LOADER, LOADER_UNDEFINED);
    byte flags = page.get(ValueLayout.JAVA_BYTE, LOADFLAGS);
    page.set(ValueLayout.JAVA_BYTE, LOADFLAGS, (byte) (flags | LOADED_HIGH));
    setSplit(page, CMD_LINE_PTR, EXT_CMD_LINE_PTR, commandLine);
    if (initramfsSize > 0) {
      setSplit(page, RAMDISK_IMAGE, EXT_RAMDISK_IMAGE, initramfs);
      setSplit(page, RAMDISK_SIZE, EXT_RAMDISK_SIZE, initramfsSize);
    }
    page.set(U64, ACPI_RSDP_ADDR, acpiRoot.orElse(0));
    page.set(ValueLayout.JAVA_BYTE, E820_ENTRIES, (byte) inside().size());
    writeEntries(page, E820_TABLE, inside());
    page.set(U64, SETUP_DATA, outside().isEmpty() ? 0 : memoryExtension);
    return bytes;
  }

  /**
   * The rest of the E820 table, {@link #extensionSize} bytes: one {@code struct setup_data}, which
   * the kernel reads before it allocates memory.
   */
  public byte[] extension() {
    byte[] bytes = new byte[(int) extensionSize(memory.size())];
    if (!outside().isEmpty()) {
      MemorySegment data = MemorySegment.ofArray(bytes);
      data.set(U32, SETUP_DATA_TYPE, SETUP_E820_EXT);
      data.set(U32, SETUP_DATA_LENGTH, (int) (bytes.length - SETUP_DATA_HEADER));
      writeEntries(data, SETUP_DATA_HEADER, outside());
    }
    return bytes;
  }

  /** How many bytes the extension of a table with so many entries has; 0 if it needs none. */
  public static long extensionSize(int entries) {
    return entries <= MAX_ENTRIES
        ? 0
        : SETUP_DATA_HEADER + (entries - MAX_ENTRIES) * E820_ENTRY_SIZE;
  }

  private List<E820.Entry> inside() {
    return memory.subList(0, Math.min(MAX_ENTRIES, memory.size()));
  }

  private List<E820.Entry> outside() {
    return memory.subList(inside().size(), memory.size());
  }

  private static void writeEntries(MemorySegment target, long start, List<E820.Entry> entries) {
    long offset = start;
    for (E820.Entry entry : entries) {
      target.set(U64, offset, entry.start());
      target.set(U64, offset + 8, entry.end() - entry.start());
      target.set(U32, offset + 16, entry.type().code());
      offset += E820_ENTRY_SIZE;
    }
  }

  private static void setSplit(MemorySegment page, long lowOffset, long highOffset, long value) {
    page.set(U32, lowOffset, (int) value);
    page.set(U32, highOffset, (int) (value >>> Integer.SIZE));
  }
}
