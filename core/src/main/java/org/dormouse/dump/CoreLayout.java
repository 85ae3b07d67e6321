package org.dormouse.dump;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.dormouse.dump.CoreDescription.Load;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;

/**
 * Where everything lies in an ELF core: header, program headers, notes, then memory, each piece of
 * it at a page. Memory that two loads hold, as the kernel's text, is in the file once.
 *
 * <p>Program headers come right after the header: makedumpfile does not look anywhere else.
 */
final class CoreLayout {
  /**
   * RAM, of which a part from the start on is in the file.
   *
   * @param memory which
   * @param inFile what of it is in the file; no page, if none is
   * @param offset where that begins in the file, in bytes
   */
  record Piece(PageRange memory, PageRange inFile, long offset) {}

  /**
   * A program header.
   *
   * @param virtual address of the first page, 0 if it is not known
   */
  private record Header(long virtual, PageRange memory, PageRange inFile, long offset) {}

  /**
   * Readers look through all loads for each page. The runs of pages that are left out are split off
   * beginning with the longest, as long as there are no more loads than that.
   */
  static final int MOST_PIECES = 2048;

  private final long notesBytes;
  private final List<Piece> pieces;
  private final List<Header> headers;

  private CoreLayout(long notesBytes, List<Piece> pieces, List<Header> headers) {
    this.notesBytes = notesBytes;
    this.pieces = pieces;
    this.headers = headers;
  }

  /**
   * Plans a file.
   *
   * @throws CoreFormatException if there are more loads than an ELF file can have
   */
  static CoreLayout of(CoreContents contents) throws CoreFormatException {
    List<Piece> unplaced = pieces(contents);
    List<Load> loads = loads(contents);
    // The number of headers does not depend on where the pieces lie.
    int count = headers(unplaced, loads).size();
    long notesBytes = contents.description().notes().length;
    long start = Elf64.EHDR_SIZE + (long) Elf64.PHDR_SIZE * (count + 1) + notesBytes;
    List<Piece> pieces = placed(unplaced, Pages.alignUp(start, Pages.SIZE));
    return new CoreLayout(notesBytes, pieces, headers(pieces, loads));
  }

  /** Loads that hold all RAM, with their virtual addresses as far as these are known. */
  private static List<Load> loads(CoreContents contents) {
    List<Load> told = contents.description().loads();
    // The kernel's half of the address space has the highest bit set.
    boolean known = told.stream().anyMatch(load -> load.virtual() < 0);
    List<Load> loads =
        new ArrayList<>(
            known
                ? told
                : KernelMappings.of(contents.description(), contents.ram(), contents.frames()));
    try (Arena arena = Arena.ofConfined()) {
      PageSet others = PageSet.of(arena, contents.limit(), contents.ram());
      PageRange all = new PageRange(0, contents.limit());
      loads.forEach(load -> others.remove(pages(load).intersect(all)));
      for (PageRange run = others.nextRun(0); !run.isEmpty(); run = others.nextRun(run.end())) {
        loads.add(new Load(run.startAddress(), 0, run.bytes()));
      }
    }
    return loads;
  }

  private static PageRange pages(Load load) {
    return PageRange.within(load.physical(), load.physical() + load.bytes());
  }

  private static List<Piece> pieces(CoreContents contents) {
    try (Arena arena = Arena.ofConfined()) {
      PageSet ram = PageSet.of(arena, contents.limit(), contents.ram());
      PageSet inFile = contents.presence().stored().copy(arena);
      inFile.addAll(contents.presence().zero());
      long gap = 1;
      List<Piece> pieces = pieces(ram, inFile, gap);
      while (pieces.size() > MOST_PIECES && gap < contents.limit()) {
        gap *= 2;
        pieces = pieces(ram, inFile, gap);
      }
      return pieces;
    }
  }

  /** Splits where {@code gap} pages or more are left out. */
  private static List<Piece> pieces(PageSet ram, PageSet inFile, long gap) {
    List<Piece> pieces = new ArrayList<>();
    for (PageRange range = ram.nextRun(0); !range.isEmpty(); range = ram.nextRun(range.end())) {
      long start = range.start();
      while (start < range.end()) {
        long end = endOfContents(inFile, start, range.end(), gap);
        long next = Math.min(range.end(), inFile.next(end));
        pieces.add(new Piece(new PageRange(start, next), new PageRange(start, end), 0));
        start = next;
      }
    }
    return pieces;
  }

  /** Where the pages that are in the file end, passing gaps that are shorter than {@code gap}. */
  private static long endOfContents(PageSet inFile, long start, long limit, long gap) {
    long end = start;
    long next = inFile.next(start);
    while (next < limit && next - end < gap) {
      end = Math.min(limit, inFile.nextAbsent(next));
      next = inFile.next(end);
    }
    return end;
  }

  private static List<Piece> placed(List<Piece> pieces, long start) {
    List<Piece> placed = new ArrayList<>();
    long offset = start;
    for (Piece piece : pieces) {
      placed.add(new Piece(piece.memory(), piece.inFile(), offset));
      offset += piece.inFile().bytes();
    }
    return List.copyOf(placed);
  }

  private static List<Header> headers(List<Piece> pieces, List<Load> loads)
      throws CoreFormatException {
    List<Header> headers = new ArrayList<>();
    for (Load load : loads) {
      PageRange pages = pages(load);
      for (int i = firstBeyond(pieces, pages.start());
          i < pieces.size() && pieces.get(i).memory().overlaps(pages);
          i++) {
        PageRange part = pieces.get(i).memory().intersect(pages);
        headers.add(header(pieces.get(i), part, load));
        // With the one of the notes; few look for a larger number where it would be.
        if (headers.size() + 1 >= Elf64.PN_XNUM) {
          throw new CoreFormatException(
              "memory is in too many pieces for an ELF core: " + headers.size());
        }
      }
    }
    return headers;
  }

  private static Header header(Piece piece, PageRange part, Load load) {
    long virtual = load.virtual() == 0 ? 0 : load.virtual() + part.startAddress() - load.physical();
    PageRange inFile = piece.inFile().intersect(part);
    long offset =
        inFile.isEmpty()
            ? 0
            : piece.offset() + Pages.address(inFile.start() - piece.memory().start());
    return new Header(virtual, part, inFile, offset);
  }

  /** The first piece that ends after page {@code pfn}, or how many there are. */
  private static int firstBeyond(List<Piece> pieces, long pfn) {
    int low = 0;
    int high = pieces.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (pieces.get(middle).memory().end() <= pfn) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Where the page frame's contents are in the file, in bytes, if they are there. */
  long offsetOf(long pfn) {
    Piece piece = pieces.get(firstBeyond(pieces, pfn));
    return piece.offset() + Pages.address(pfn - piece.memory().start());
  }

  /** The bytes of all headers: the notes begin there. */
  long headerBytes() {
    return Elf64.EHDR_SIZE + (long) Elf64.PHDR_SIZE * (headers.size() + 1);
  }

  /** The length of the file in bytes. */
  long fileBytes() {
    Piece last = pieces.getLast();
    return last.offset() + last.inFile().bytes();
  }

  /** The ELF header and the program headers. */
  MemorySegment headers() {
    MemorySegment bytes = MemorySegment.ofArray(new byte[(int) headerBytes()]);
    bytes.set(Elf64.U32, 0, Elf64.MAGIC);
    bytes.set(Elf64.U16, Elf64.E_IDENT_CLASS, Elf64.CLASS64_LITTLE);
    bytes.set(ValueLayout.JAVA_BYTE, Elf64.E_IDENT_VERSION, (byte) Elf64.EV_CURRENT);
    bytes.set(Elf64.U16, Elf64.E_TYPE, Elf64.ET_CORE);
    bytes.set(Elf64.U16, Elf64.E_MACHINE, Elf64.EM_X86_64);
    bytes.set(Elf64.U32, Elf64.E_VERSION, Elf64.EV_CURRENT);
    bytes.set(Elf64.U64, Elf64.E_PHOFF, Elf64.EHDR_SIZE);
    bytes.set(Elf64.U16, Elf64.E_EHSIZE, (short) Elf64.EHDR_SIZE);
    bytes.set(Elf64.U16, Elf64.E_PHENTSIZE, (short) Elf64.PHDR_SIZE);
    bytes.set(Elf64.U16, Elf64.E_PHNUM, (short) (headers.size() + 1));
    MemorySegment note = bytes.asSlice(Elf64.EHDR_SIZE, Elf64.PHDR_SIZE);
    note.set(Elf64.U32, 0, Elf64.PT_NOTE);
    note.set(Elf64.U64, Elf64.P_OFFSET, headerBytes());
    note.set(Elf64.U64, Elf64.P_FILESZ, notesBytes);
    note.set(Elf64.U64, Elf64.P_MEMSZ, notesBytes);
    long at = Elf64.EHDR_SIZE + Elf64.PHDR_SIZE;
    for (Header header : headers) {
      write(header, bytes.asSlice(at, Elf64.PHDR_SIZE));
      at += Elf64.PHDR_SIZE;
    }
    return bytes;
  }

  private static void write(Header header, MemorySegment target) {
    target.set(Elf64.U32, 0, Elf64.PT_LOAD);
    target.set(Elf64.U32, Elf64.P_FLAGS, Elf64.RWX);
    target.set(Elf64.U64, Elf64.P_OFFSET, header.offset());
    target.set(Elf64.U64, Elf64.P_VADDR, header.virtual());
    target.set(Elf64.U64, Elf64.P_PADDR, header.memory().startAddress());
    target.set(Elf64.U64, Elf64.P_FILESZ, header.inFile().bytes());
    target.set(Elf64.U64, Elf64.P_MEMSZ, header.memory().bytes());
  }
}
