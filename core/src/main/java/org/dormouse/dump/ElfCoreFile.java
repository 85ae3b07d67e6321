package org.dormouse.dump;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.dormouse.dump.CoreDescription.Load;
import org.dormouse.linux.SparseFile;
import org.dormouse.memory.Frames;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;
import org.dormouse.vmcore.CopiedFrames;

/**
 * An ELF core of a kernel of x86-64: {@code /proc/vmcore}, a copy of it, what QEMU's {@code
 * dump-guest-memory} or {@code makedumpfile -E} wrote.
 *
 * <p>Memory that several loads hold is read from the first in physical order: on x86-64 the
 * kernel's text is there twice. Bytes of memory beyond those in the file ({@code p_memsz} over
 * {@code p_filesz}) were left out.
 */
public final class ElfCoreFile implements CoreFile {
  /** Far more than there are in a core of a kernel; they are held in memory. */
  private static final long MOST_HEADERS = 1L << 20;

  /** Notes of 8192 processors. */
  private static final long MOST_NOTES = 8L << 20;

  /** Physical addresses have at most 52 bits (Intel SDM volume 3, 4.1.4). */
  private static final long ADDRESS_LIMIT = 1L << 52;

  private static final PageRange ALL = new PageRange(0, Pages.pfn(ADDRESS_LIMIT));

  /**
   * Pages that lie together in the file.
   *
   * @param pages which; what another piece has already is not in it
   * @param offset where the first one begins in the file, in bytes
   */
  private record Piece(PageRange pages, long offset) {
    long offsetOf(long pfn) {
      return offset + Pages.address(pfn - pages.start());
    }
  }

  private final InputFile file;
  private final CoreDescription description;
  private final List<Piece> pieces;
  private final List<PageRange> ram;
  private final CopiedFrames frames;

  private ElfCoreFile(InputFile file, Headers headers) throws CoreFormatException {
    this.file = file;
    this.description = new CoreDescription(headers.loads, headers.notes.toByteArray());
    this.pieces = pieces(headers.inFile);
    this.ram = union(headers.loads.stream());
    if (pieces.isEmpty()) {
      throw new CoreFormatException(file.path() + " holds no whole page of memory");
    }
    this.frames = CopiedFrames.over(union(headers.inFile.stream().map(InFile::load)), this::read);
  }

  /** Whether {@code path} begins as every ELF file does. */
  public static boolean isElf(Path path) throws IOException {
    try (InputFile file = InputFile.open(path)) {
      return file.size() >= Elf64.EHDR_SIZE
          && MemorySegment.ofArray(file.bytes(0, Elf64.EHDR_SIZE)).get(Elf64.U32, 0) == Elf64.MAGIC;
    }
  }

  /**
   * Opens a core and reads its headers.
   *
   * @throws CoreFormatException if it is none of a kernel of x86-64, or makes no sense
   */
  public static ElfCoreFile open(Path path) throws IOException {
    InputFile file = InputFile.open(path);
    boolean opened = false;
    try {
      ElfCoreFile core = new ElfCoreFile(file, new Headers(file));
      opened = true;
      return core;
    } finally {
      if (!opened) {
        file.close();
      }
    }
  }

  @Override
  public CoreDescription description() {
    return description;
  }

  @Override
  public List<PageRange> ram() {
    return ram;
  }

  @Override
  public Frames frames() {
    return frames;
  }

  @Override
  public Presence presence(Arena arena) throws IOException {
    long limit = ram.getLast().end();
    PageSet stored = PageSet.empty(arena, limit);
    PageSet zero = PageSet.empty(arena, limit);
    try (SparseFile holes = SparseFile.open(file.path(), file.size())) {
      for (Piece piece : pieces) {
        stored.add(piece.pages());
        long end = piece.offsetOf(piece.pages().end());
        for (long data = piece.offset(); data < end; ) {
          long hole = holes.nextHole(data);
          data = Math.min(end, holes.nextData(Math.min(end, hole)));
          if (hole < data) {
            zero.add(within(piece, hole, data));
          }
        }
      }
    }
    stored.removeAll(zero);
    return new Presence(stored, zero);
  }

  /** The pages of a piece that lie wholly in bytes {@code [start, end)} of the file. */
  private static PageRange within(Piece piece, long start, long end) {
    long base = piece.pages().startAddress() - piece.offset();
    return PageRange.within(start + base, end + base);
  }

  private void read(PageRange wanted, MemorySegment target) throws IOException {
    for (long pfn = wanted.start(); pfn < wanted.end(); ) {
      Piece piece = pieces.get(indexOf(pfn));
      long end = Math.min(wanted.end(), piece.pages().end());
      file.read(
          piece.offsetOf(pfn),
          target.asSlice(Pages.address(pfn - wanted.start()), Pages.address(end - pfn)));
      pfn = end;
    }
  }

  /** The piece that holds a page of one of them. */
  private int indexOf(long pfn) {
    int low = 0;
    int high = pieces.size() - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (pieces.get(middle).pages().start() <= pfn) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  @Override
  public void close() throws IOException {
    frames.close();
    file.close();
  }

  /** What of the loads is in the file, each page once, in ascending order. */
  private static List<Piece> pieces(List<InFile> inFile) {
    List<Piece> pieces = new ArrayList<>();
    long done = 0;
    for (InFile part :
        inFile.stream().sorted(Comparator.comparingLong(part -> part.load.physical())).toList()) {
      PageRange pages = pages(part.load).intersect(new PageRange(done, ALL.end()));
      if (!pages.isEmpty()) {
        pieces.add(new Piece(pages, part.offset + pages.startAddress() - part.load.physical()));
        done = pages.end();
      }
    }
    return List.copyOf(pieces);
  }

  private static List<PageRange> union(Stream<Load> loads) {
    return PageRange.union(loads.map(ElfCoreFile::pages).toList());
  }

  private static PageRange pages(Load load) {
    return PageRange.within(load.physical(), load.physical() + load.bytes());
  }

  /**
   * What of a load is in the file.
   *
   * @param load shortened to that
   * @param offset where it begins in the file, in bytes
   */
  private record InFile(Load load, long offset) {}

  /** What the headers say. */
  private static final class Headers {
    private final List<Load> loads = new ArrayList<>();
    private final List<InFile> inFile = new ArrayList<>();
    private final ByteArrayOutputStream notes = new ByteArrayOutputStream();

    private final InputFile file;

    Headers(InputFile file) throws IOException {
      this.file = file;
      if (file.size() < Elf64.EHDR_SIZE) {
        throw refused("is too short for an ELF core");
      }
      MemorySegment header = bytes(0, Elf64.EHDR_SIZE);
      if (header.get(Elf64.U32, 0) != Elf64.MAGIC
          || header.get(Elf64.U16, Elf64.E_IDENT_CLASS) != Elf64.CLASS64_LITTLE
          || header.get(Elf64.U16, Elf64.E_TYPE) != Elf64.ET_CORE
          || header.get(Elf64.U16, Elf64.E_MACHINE) != Elf64.EM_X86_64) {
        throw refused("is no ELF core of x86-64");
      }
      long start = header.get(Elf64.U64, Elf64.E_PHOFF);
      long count = count(header);
      checkInside("program headers", start, count * Elf64.PHDR_SIZE, file.size());
      for (long i = 0; i < count; i++) {
        add(bytes(start + i * Elf64.PHDR_SIZE, Elf64.PHDR_SIZE));
      }
    }

    private long count(MemorySegment header) throws IOException {
      if (Short.toUnsignedInt(header.get(Elf64.U16, Elf64.E_PHENTSIZE)) != Elf64.PHDR_SIZE) {
        throw refused("has program headers of an unknown size");
      }
      long count = Short.toUnsignedLong(header.get(Elf64.U16, Elf64.E_PHNUM));
      if (count == Elf64.PN_XNUM) {
        long sections = header.get(Elf64.U64, Elf64.E_SHOFF);
        checkInside("the section header", sections, Elf64.SHDR_SIZE, file.size());
        count =
            Integer.toUnsignedLong(bytes(sections, Elf64.SHDR_SIZE).get(Elf64.U32, Elf64.SH_INFO));
      }
      if (count > MOST_HEADERS) {
        throw refused("has " + count + " program headers");
      }
      return count;
    }

    private void add(MemorySegment header) throws IOException {
      long offset = header.get(Elf64.U64, Elf64.P_OFFSET);
      long stored = header.get(Elf64.U64, Elf64.P_FILESZ);
      switch (header.get(Elf64.U32, 0)) {
        case Elf64.PT_NOTE -> addNotes(offset, stored);
        case Elf64.PT_LOAD -> addLoad(header, offset, stored);
        default -> {
          // Of no interest to a kernel's core.
        }
      }
    }

    private void addNotes(long offset, long stored) throws IOException {
      checkInside("notes", offset, stored, file.size());
      if (stored > MOST_NOTES - notes.size()) {
        throw refused("has too many notes");
      }
      notes.writeBytes(file.bytes(offset, (int) stored));
    }

    private void addLoad(MemorySegment header, long offset, long stored)
        throws CoreFormatException {
      long physical = header.get(Elf64.U64, Elf64.P_PADDR);
      long virtual = header.get(Elf64.U64, Elf64.P_VADDR);
      long bytes = header.get(Elf64.U64, Elf64.P_MEMSZ);
      checkInside("a load", physical, bytes, ADDRESS_LIMIT);
      checkInside("a load's contents", offset, stored, file.size());
      if (stored > bytes) {
        throw refused("has a load with more contents than memory");
      }
      loads.add(new Load(physical, virtual, bytes));
      if (stored != 0) {
        inFile.add(new InFile(new Load(physical, virtual, stored), offset));
      }
    }

    private MemorySegment bytes(long offset, int count) throws IOException {
      return MemorySegment.ofArray(file.bytes(offset, count));
    }

    private void checkInside(String what, long start, long length, long limit)
        throws CoreFormatException {
      if (start < 0 || length < 0 || start > limit || length > limit - start) {
        throw refused(
            String.format(
                "has %s of %d bytes at %d, which ends at %d: it was cut, or is none",
                what, length, start, limit));
      }
    }

    private CoreFormatException refused(String why) {
      return new CoreFormatException(file.path() + " " + why);
    }
  }
}
