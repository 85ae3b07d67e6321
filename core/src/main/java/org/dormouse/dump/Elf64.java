package org.dormouse.dump;

import java.lang.foreign.ValueLayout;

/**
 * What of ELF a core needs: System V ABI, "Object Files"; {@code include/uapi/linux/elf.h}. Offsets
 * are bytes, numbers little-endian.
 */
final class Elf64 {
  static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED;
  static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED;
  static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED;

  static final int EHDR_SIZE = 64;
  static final int PHDR_SIZE = 56;
  static final int SHDR_SIZE = 64;

  // Elf64_Ehdr
  static final long E_IDENT_CLASS = 4;
  static final long E_IDENT_VERSION = 6;
  static final long E_TYPE = 16;
  static final long E_MACHINE = 18;
  static final long E_VERSION = 20;
  static final long E_PHOFF = 32;
  static final long E_SHOFF = 40;
  static final long E_EHSIZE = 52;
  static final long E_PHENTSIZE = 54;
  static final long E_PHNUM = 56;

  static final int MAGIC = 0x464c457f; // 0x7f "ELF"
  static final short CLASS64_LITTLE = 0x0102; // CLASS64, DATA2LSB
  static final short ET_CORE = 4;
  static final short EM_X86_64 = 62;
  static final int EV_CURRENT = 1;

  /** From here on the number of program headers is in section header 0. */
  static final int PN_XNUM = 0xffff;

  // Elf64_Phdr
  static final long P_FLAGS = 4;
  static final long P_OFFSET = 8;
  static final long P_VADDR = 16;
  static final long P_PADDR = 24;
  static final long P_FILESZ = 32;
  static final long P_MEMSZ = 40;

  static final int PT_LOAD = 1;
  static final int PT_NOTE = 4;
  static final int RWX = 7;

  // Elf64_Shdr
  static final long SH_INFO = 44;

  private Elf64() {}
}
