package org.dormouse.boot;

import static org.dormouse.boot.LittleEndian.U16;
import static org.dormouse.boot.LittleEndian.U32;
import static org.dormouse.boot.LittleEndian.U64;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import org.dormouse.boot.BareProgram.Placed;
import org.dormouse.memory.PageRange;

/**
 * A statically linked ELF executable, read: of 64 bits (x86-64) or of 32 (i386). Its pieces go to
 * the physical addresses of its program headers.
 *
 * <p>Format: System V ABI, "Object Files"; {@code include/uapi/linux/elf.h}. {@link ElfProgram}
 * writes one.
 */
public final class ElfExecutable {
  private static final int MAGIC = 0x464c457f; // 0x7f "ELF"
  private static final long E_CLASS = 4;
  private static final long E_DATA = 5;
  private static final long E_TYPE = 16;
  private static final long E_MACHINE = 18;
  private static final long E_ENTRY = 24;
  private static final byte LITTLE_ENDIAN = 1;
  private static final int ET_EXEC = 2;
  private static final int EM_386 = 3;
  private static final int EM_X86_64 = 62;
  private static final int PT_LOAD = 1;
  private static final int PT_DYNAMIC = 2;
  private static final int PT_INTERP = 3;

  /** The most that a program may take, in bytes: far more than any, and an array can hold it. */
  private static final long MOST_BYTES = 1L << 30;

  private static final String LINK_IT = "link it with -static -no-pie";

  /** Where the fields are, by the file's class: offsets in bytes. */
  private enum Layout {
    BITS_32(ProcessorMode.PROTECTED, EM_386, 52, 28, 42, 32, 4, 12, 16, 20),
    BITS_64(ProcessorMode.LONG, EM_X86_64, 64, 32, 54, 56, 8, 24, 32, 40);

    final ProcessorMode mode;
    final int machine;
    final long headerBytes;
    final long phoff;
    final long phentsize;
    final long entryBytes;
    final long offset;
    final long paddr;
    final long filesz;
    final long memsz;

    Layout(
        ProcessorMode mode,
        int machine,
        long headerBytes,
        long phoff,
        long phentsize,
        long entryBytes,
        long offset,
        long paddr,
        long filesz,
        long memsz) {
      this.mode = mode;
      this.machine = machine;
      this.headerBytes = headerBytes;
      this.phoff = phoff;
      this.phentsize = phentsize;
      this.entryBytes = entryBytes;
      this.offset = offset;
      this.paddr = paddr;
      this.filesz = filesz;
      this.memsz = memsz;
    }

    long number(MemorySegment where, long at) {
      return this == BITS_64 ? where.get(U64, at) : Integer.toUnsignedLong(where.get(U32, at));
    }
  }

  /** What a program header of the kind PT_LOAD says. */
  private record Load(long offset, long fileBytes, long address, long bytes) {
    long end() {
      return address + bytes;
    }

    PageRange pages() {
      return PageRange.covering(address, end());
    }
  }

  private final MemorySegment file;
  private final Layout layout;

  private ElfExecutable(MemorySegment file, Layout layout) {
    this.file = file;
    this.layout = layout;
  }

  /** Whether these bytes begin like an ELF file. */
  public static boolean isElf(byte[] file) {
    return file.length >= Integer.BYTES && MemorySegment.ofArray(file).get(U32, 0) == MAGIC;
  }

  /**
   * Reads a file.
   *
   * @param entry where it is entered, a physical address; empty for where it says itself
   * @throws BootFormatException if it is no such executable; the message says why
   */
  public static Placed read(byte[] bytes, OptionalLong entry) throws BootFormatException {
    MemorySegment file = MemorySegment.ofArray(bytes);
    if (!isElf(bytes) || bytes.length < Layout.BITS_32.headerBytes) {
      throw BootFormatException.of("it is no ELF file");
    }
    int number = file.get(LittleEndian.U8, E_CLASS);
    if (number < 1 || number > 2 || file.get(LittleEndian.U8, E_DATA) != LITTLE_ENDIAN) {
      throw BootFormatException.of("it is an ELF file for another kind of processor");
    }
    return new ElfExecutable(file, Layout.values()[number - 1]).placed(entry);
  }

  private Placed placed(OptionalLong wanted) throws BootFormatException {
    if (file.byteSize() < layout.headerBytes) {
      throw BootFormatException.of("the ELF file is cut off in its header");
    }
    int machine = Short.toUnsignedInt(file.get(U16, E_MACHINE));
    if (machine != layout.machine) {
      throw BootFormatException.of("it is an ELF file for another kind of processor");
    }
    if (file.get(U16, E_TYPE) != ET_EXEC) {
      throw BootFormatException.of("it is no ELF executable with fixed addresses: " + LINK_IT);
    }
    List<Load> loads = loads();
    long entry = wanted.orElse(layout.number(file, E_ENTRY));
    if (loads.stream().noneMatch(load -> load.address() <= entry && entry < load.end())) {
      throw BootFormatException.of(
          "the entry 0x%x lies in no part of the program that is loaded", entry);
    }
    return new Placed(layout.mode, pieces(loads), entry);
  }

  /** In ascending order. */
  private List<Load> loads() throws BootFormatException {
    long table = layout.number(file, layout.phoff);
    long size = Short.toUnsignedLong(file.get(U16, layout.phentsize));
    long count = Short.toUnsignedLong(file.get(U16, layout.phentsize + Short.BYTES));
    if (size < layout.entryBytes || !isIn(table, count * size, file.byteSize())) {
      throw BootFormatException.of("the ELF file is cut off in its program headers");
    }
    List<Load> loads = new ArrayList<>();
    long total = 0;
    for (long i = 0; i < count; i++) {
      MemorySegment header = file.asSlice(table + i * size, layout.entryBytes);
      int type = header.get(U32, 0);
      if (type == PT_DYNAMIC || type == PT_INTERP) {
        throw BootFormatException.of("the program wants to be linked dynamically: " + LINK_IT);
      }
      if (type == PT_LOAD && layout.number(header, layout.memsz) != 0) {
        Load load = load(header);
        total += load.bytes();
        loads.add(load);
      }
    }
    if (loads.isEmpty() || total > MOST_BYTES) {
      throw BootFormatException.of(
          loads.isEmpty() ? "the ELF file has nothing to load" : "the program is over 1 GiB");
    }
    loads.sort(Comparator.comparingLong(Load::address));
    return loads;
  }

  private Load load(MemorySegment header) throws BootFormatException {
    Load load =
        new Load(
            layout.number(header, layout.offset),
            layout.number(header, layout.filesz),
            layout.number(header, layout.paddr),
            layout.number(header, layout.memsz));
    if (!isIn(load.offset(), load.fileBytes(), file.byteSize())
        || !isIn(load.address(), load.bytes(), layout.mode.limit())
        || load.bytes() > MOST_BYTES
        || load.fileBytes() > load.bytes()) {
      throw BootFormatException.of("the ELF file is cut off, or its program headers are wrong");
    }
    return load;
  }

  private static boolean isIn(long start, long bytes, long limit) {
    return start >= 0 && bytes >= 0 && start <= limit && bytes <= limit - start;
  }

  /** What shares a page, or a border of one, becomes one piece. */
  private List<Placed.Piece> pieces(List<Load> loads) throws BootFormatException {
    List<Placed.Piece> pieces = new ArrayList<>();
    for (PageRange pages : PageRange.union(loads.stream().map(Load::pages).toList())) {
      List<Load> inside = loads.stream().filter(load -> pages.contains(load.pages())).toList();
      long end = pages.startAddress();
      for (Load load : inside) {
        if (load.address() < end) {
          throw BootFormatException.of("parts of the program lie on one another");
        }
        end = load.end();
      }
      pieces.add(new Placed.Piece(pages, content(pages, inside)));
    }
    return pieces;
  }

  private MemorySegment content(PageRange pages, List<Load> loads) {
    long start = pages.startAddress();
    long bytes =
        loads.stream().mapToLong(load -> load.address() + load.fileBytes() - start).max().orElse(0);
    MemorySegment content = MemorySegment.ofArray(new byte[Math.toIntExact(bytes)]);
    for (Load load : loads) {
      MemorySegment.copy(file, load.offset(), content, load.address() - start, load.fileBytes());
    }
    return content;
  }
}
