package org.dormouse.boot;

import static org.dormouse.boot.LittleEndian.U16;
import static org.dormouse.boot.LittleEndian.U32;
import static org.dormouse.boot.LittleEndian.U64;

import java.lang.foreign.MemorySegment;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;

/**
 * A program for the bare processor as kexec-tools load it ({@code --type=elf-x86_64 --args-none}):
 * an ELF executable of one piece that goes to a physical address and is entered at its first byte
 * in 64-bit mode.
 *
 * <p>Format: System V ABI, "Object Files"; {@code include/uapi/linux/elf.h}. {@code dump} has most
 * of the numbers too: it is above this package, and nothing below both knows of file formats.
 */
public final class ElfProgram {
  /** Where in the file the content begins, in bytes: at a page, as it does in memory. */
  public static final int CONTENT = Pages.SIZE;

  private static final short EHDR_SIZE = 64;
  private static final short PHDR_SIZE = 56;
  private static final long E_TYPE = 16;
  private static final long E_MACHINE = 18;
  private static final long E_VERSION = 20;
  private static final long E_ENTRY = 24;
  private static final long E_PHOFF = 32;
  private static final long E_EHSIZE = 52;
  private static final long E_PHENTSIZE = 54;
  private static final long E_PHNUM = 56;
  private static final long P_FLAGS = 4;
  private static final long P_OFFSET = 8;
  private static final long P_VADDR = 16;
  private static final long P_PADDR = 24;
  private static final long P_FILESZ = 32;
  private static final long P_MEMSZ = 40;
  private static final long P_ALIGN = 48;

  private static final int MAGIC = 0x464c457f; // 0x7f "ELF"
  private static final int IDENT_64_LITTLE_CURRENT = 0x00010102; // CLASS64, DATA2LSB, EV_CURRENT
  private static final short ET_EXEC = 2;
  private static final short EM_X86_64 = 62;
  private static final int EV_CURRENT = 1;
  private static final int PT_LOAD = 1;
  private static final int RWX = 7;

  private ElfProgram() {}

  /**
   * The file.
   *
   * @param content whole pages or less; the rest of the destination is zeros
   * @param destination where it goes; it is entered at the start
   * @throws IllegalArgumentException if it does not fit
   */
  public static byte[] write(byte[] content, PageRange destination) {
    if (content.length > destination.bytes()) {
      throw new IllegalArgumentException(content.length + " bytes for " + destination);
    }
    byte[] bytes = new byte[CONTENT + content.length];
    System.arraycopy(content, 0, bytes, CONTENT, content.length);
    MemorySegment file = MemorySegment.ofArray(bytes);
    file.set(U32, 0, MAGIC);
    file.set(U32, Integer.BYTES, IDENT_64_LITTLE_CURRENT);
    file.set(U16, E_TYPE, ET_EXEC);
    file.set(U16, E_MACHINE, EM_X86_64);
    file.set(U32, E_VERSION, EV_CURRENT);
    file.set(U64, E_ENTRY, destination.startAddress());
    file.set(U64, E_PHOFF, EHDR_SIZE);
    file.set(U16, E_EHSIZE, EHDR_SIZE);
    file.set(U16, E_PHENTSIZE, PHDR_SIZE);
    file.set(U16, E_PHNUM, (short) 1);
    MemorySegment load = file.asSlice(EHDR_SIZE, PHDR_SIZE);
    load.set(U32, 0, PT_LOAD);
    load.set(U32, P_FLAGS, RWX);
    load.set(U64, P_OFFSET, CONTENT);
    load.set(U64, P_VADDR, destination.startAddress());
    load.set(U64, P_PADDR, destination.startAddress());
    load.set(U64, P_FILESZ, content.length);
    load.set(U64, P_MEMSZ, destination.bytes());
    load.set(U64, P_ALIGN, Pages.SIZE);
    return bytes;
  }
}
