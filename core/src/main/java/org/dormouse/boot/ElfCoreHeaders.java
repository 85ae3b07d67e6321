package org.dormouse.boot;

import static org.dormouse.boot.LittleEndian.U16;
import static org.dormouse.boot.LittleEndian.U32;
import static org.dormouse.boot.LittleEndian.U64;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;

/**
 * The ELF headers with which one kernel describes its memory to another: written for the other's
 * {@code elfcorehdr=}, read back at the start of its {@code /proc/vmcore}.
 *
 * <p>What they must look like: {@code parse_crash_elf64_headers} in {@code fs/proc/vmcore.c}.
 * Before the kernel shows them it joins the notes into one, and turns the file offsets, which we
 * set to physical addresses, into offsets into {@code /proc/vmcore}.
 */
public final class ElfCoreHeaders {
  /**
   * An ELF note somewhere in memory.
   *
   * @param address physical address of its first byte
   * @param size bytes from there that the note may take
   */
  public record Note(long address, long size) {}

  /**
   * Memory that can be read from {@code /proc/vmcore}.
   *
   * @param fileOffset where its first byte lies in the file
   * @param pages which pages it is
   */
  public record Load(long fileOffset, PageRange pages) {}

  // ELF-64 Object File Format 1.5, figures 2 and 6; include/uapi/linux/elf.h
  private static final long EHDR_SIZE = 64;
  private static final long PHDR_SIZE = 56;
  private static final long E_TYPE = 16;
  private static final long E_MACHINE = 18;
  private static final long E_VERSION = 20;
  private static final long E_PHOFF = 32;
  private static final long E_EHSIZE = 52;
  private static final long E_PHENTSIZE = 54;
  private static final long E_PHNUM = 56;
  private static final long P_FLAGS = 4;
  private static final long P_OFFSET = 8;
  private static final long P_PADDR = 24;
  private static final long P_FILESZ = 32;
  private static final long P_MEMSZ = 40;

  private static final int MAGIC = 0x464c457f; // 0x7f "ELF"
  private static final int IDENT_64_LITTLE_CURRENT = 0x00010102; // CLASS64, DATA2LSB, EV_CURRENT
  private static final short ET_CORE = 4;
  private static final short EM_X86_64 = 62;
  private static final int EV_CURRENT = 1;
  private static final int PT_LOAD = 1;
  private static final int PT_NOTE = 4;
  private static final int RWX = 7;
  private static final int PN_XNUM = 0xffff; // from here on the number does not fit into e_phnum

  private ElfCoreHeaders() {}

  /** How many pages the headers for so many ranges and notes take. */
  public static long pagesNeeded(int ranges, int notes) {
    return Pages.holding(EHDR_SIZE + PHDR_SIZE * ((long) ranges + notes));
  }

  /**
   * The headers that let the reader see {@code memory} and nothing else.
   *
   * @param memory disjoint, none of them empty, in the order in which they appear in the file
   * @param notes vmcoreinfo, and whatever else there is
   * @return {@link #pagesNeeded} pages, zeros at the end
   * @throws IllegalArgumentException if there are no headers to write, or more than the format
   *     holds
   */
  public static byte[] write(List<PageRange> memory, List<Note> notes) {
    int count = memory.size() + notes.size();
    if (count == 0 || count >= PN_XNUM) {
      throw new IllegalArgumentException("ELF headers for " + count + " ranges and notes");
    }
    byte[] bytes =
        new byte[Math.toIntExact(Pages.address(pagesNeeded(memory.size(), notes.size())))];
    MemorySegment headers = MemorySegment.ofArray(bytes);
    writeFileHeader(headers, count);
    long at = EHDR_SIZE;
    for (Note note : notes) {
      writeProgramHeader(headers.asSlice(at, PHDR_SIZE), PT_NOTE, note.address(), note.size());
      at += PHDR_SIZE;
    }
    for (PageRange range : memory) {
      writeProgramHeader(
          headers.asSlice(at, PHDR_SIZE), PT_LOAD, range.startAddress(), range.bytes());
      headers.set(U32, at + P_FLAGS, RWX);
      at += PHDR_SIZE;
    }
    return bytes;
  }

  private static void writeFileHeader(MemorySegment headers, int count) {
    headers.set(U32, 0, MAGIC);
    headers.set(U32, Integer.BYTES, IDENT_64_LITTLE_CURRENT);
    headers.set(U16, E_TYPE, ET_CORE);
    headers.set(U16, E_MACHINE, EM_X86_64);
    headers.set(U32, E_VERSION, EV_CURRENT);
    headers.set(U64, E_PHOFF, EHDR_SIZE);
    headers.set(U16, E_EHSIZE, (short) EHDR_SIZE);
    headers.set(U16, E_PHENTSIZE, (short) PHDR_SIZE);
    headers.set(U16, E_PHNUM, (short) count);
  }

  // p_vaddr stays 0, which means "not known": where the direct mapping begins is A's secret
  // (KASLR).
  private static void writeProgramHeader(MemorySegment header, int type, long address, long size) {
    header.set(U32, 0, type);
    header.set(U64, P_OFFSET, address);
    header.set(U64, P_PADDR, address);
    header.set(U64, P_FILESZ, size);
    header.set(U64, P_MEMSZ, size);
  }

  /**
   * What can be read, and where, in the order of the headers.
   *
   * @param start the first bytes of {@code /proc/vmcore}, all of the program headers among them
   * @throws BootFormatException if these are not the headers of a core file of whole pages, or not
   *     all of them
   */
  public static List<Load> parse(MemorySegment start) throws BootFormatException {
    int count = checkedCount(start);
    List<Load> loads = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      MemorySegment header = start.asSlice(EHDR_SIZE + i * PHDR_SIZE, PHDR_SIZE);
      if (header.get(U32, 0) == PT_LOAD) {
        loads.add(load(header));
      }
    }
    return List.copyOf(loads);
  }

  /**
   * How many bytes from the start the headers take, for who has read the first {@code 64}.
   *
   * @param start at least 64 bytes
   * @throws BootFormatException if this is not the header of a core file
   */
  public static long size(MemorySegment start) throws BootFormatException {
    checkFileHeader(start);
    return EHDR_SIZE + PHDR_SIZE * Short.toUnsignedInt(start.get(U16, E_PHNUM));
  }

  private static int checkedCount(MemorySegment start) throws BootFormatException {
    long size = size(start);
    if (size > start.byteSize()) {
      throw BootFormatException.of(
          "the ELF headers take %d bytes, of which there are %d", size, start.byteSize());
    }
    return Short.toUnsignedInt(start.get(U16, E_PHNUM));
  }

  private static void checkFileHeader(MemorySegment start) throws BootFormatException {
    if (start.byteSize() < EHDR_SIZE) {
      throw BootFormatException.of(
          "not a core file: %d bytes are too few for an ELF header", start.byteSize());
    }
    if (start.get(U32, 0) != MAGIC
        || (start.get(U32, Integer.BYTES) & 0xffffff) != IDENT_64_LITTLE_CURRENT) {
      throw BootFormatException.of("not a core file: not a 64-bit little-endian ELF header");
    }
    if (start.get(U16, E_TYPE) != ET_CORE || start.get(U16, E_MACHINE) != EM_X86_64) {
      throw BootFormatException.of("an ELF file, and not the memory of an x86-64 kernel");
    }
    if (start.get(U64, E_PHOFF) != EHDR_SIZE
        || start.get(U16, E_PHENTSIZE) != PHDR_SIZE
        || start.get(U16, E_PHNUM) == 0
        || Short.toUnsignedInt(start.get(U16, E_PHNUM)) == PN_XNUM) {
      throw BootFormatException.of(
          "the program headers of the core file are not where they belong");
    }
  }

  private static Load load(MemorySegment header) throws BootFormatException {
    long offset = header.get(U64, P_OFFSET);
    long address = header.get(U64, P_PADDR);
    long size = header.get(U64, P_MEMSZ);
    long end = address + size;
    boolean inRange = offset >= 0 && address >= 0 && size > 0 && end > 0 && offset + size > 0;
    boolean wholePages = ((offset | address | size) & (Pages.SIZE - 1)) == 0;
    if (!inRange || !wholePages) {
      throw BootFormatException.of(
          "not whole pages of memory: 0x%x bytes at 0x%x, offset 0x%x", size, address, offset);
    }
    return new Load(offset, new PageRange(Pages.pfn(address), Pages.pfn(end)));
  }
}
