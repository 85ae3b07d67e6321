package org.dormouse.dump;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
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
 * <p>Format: System V ABI, "Object Files"; {@code include/uapi/linux/elf.h}. Memory that several
 * loads hold is read from the first in physical order: on x86-64 the kernel's text is there twice.
 * Bytes of memory beyond those in the file ({@code p_memsz} over {@code p_filesz}) were left out.
 */
public final class ElfCoreFile implements CoreFile {
  private static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final int EHDR_SIZE = 64;
  private static final int PHDR_SIZE = 56;
  private static final int SHDR_SIZE = 64;
  private static final int MAGIC = 0x464c457f; // 0x7f "ELF"
  private static final short CLASS64_LITTLE = 0x0102;
  private static final short ET_CORE = 4;
  private static final short EM_X86_64 = 62;
  private static final int PT_LOAD = 1;
  private static final int PT_NOTE = 4;
  private static final long E_IDENT_CLASS = 4;
  private static final long E_TYPE = 16;
  private static final long E_MACHINE = 18;
  private static final long E_PHOFF = 32;
  private static final long E_SHOFF = 40;
  private static final long E_PHENTSIZE = 54;
  private static final long E_PHNUM = 56;
  private static final long SH_INFO = 44;
  private static final long P_OFFSET = 8;
  private static final long P_VADDR = 16;
  private static final long P_PADDR = 24;
  private static final long P_FILESZ = 32;
  private static final long P_MEMSZ = 40;

  /** The number of program headers is in section header 0. */
  private static final int PN_XNUM = 0xffff;

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

  private final Path path;
  private final FileChannel file;
  private final CoreDescription description;
  private final List<Piece> pieces;
  private final List<PageRange> ram;
  private final CopiedFrames frames;

  private ElfCoreFile(Path path, FileChannel file, Headers headers) throws CoreFormatException {
    this.path = path;
    this.file = file;
    this.description = new CoreDescription(headers.loads, headers.notes.toByteArray());
    this.pieces = pieces(headers.inFile);
    this.ram = joined(headers.loads);
    if (pieces.isEmpty()) {
      throw new CoreFormatException(path + " holds no whole page of memory");
    }
    this.frames =
        CopiedFrames.over(joined(headers.inFile.stream().map(InFile::load).toList()), this::read);
  }

  /** Whether {@code path} begins as every ELF file does. */
  public static boolean isElf(Path path) throws IOException {
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      return file.size() >= EHDR_SIZE && bytes(file, 0, EHDR_SIZE).get(U32, 0) == MAGIC;
    }
  }

  /**
   * Opens a core and reads its headers.
   *
   * @throws CoreFormatException if it is none of a kernel of x86-64, or makes no sense
   */
  public static ElfCoreFile open(Path path) throws IOException {
    FileChannel file = FileChannel.open(path, StandardOpenOption.READ);
    boolean opened = false;
    try {
      ElfCoreFile core = new ElfCoreFile(path, file, Headers.read(path, file));
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
    try (SparseFile holes = SparseFile.open(path, file.size())) {
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
      readFile(
          piece.offsetOf(pfn),
          target.asSlice(Pages.address(pfn - wanted.start()), Pages.address(end - pfn)));
      pfn = end;
    }
  }

  private void readFile(long offset, MemorySegment target) throws IOException {
    ByteBuffer buffer = target.asByteBuffer();
    while (buffer.hasRemaining()) {
      if (file.read(buffer, offset + buffer.position()) <= 0) {
        throw new CoreFormatException(
            path + " ends at byte " + (offset + buffer.position()) + ", before its memory does");
      }
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

  private static List<PageRange> joined(List<Load> loads) {
    List<PageRange> joined = new ArrayList<>();
    for (PageRange next : loads.stream().map(ElfCoreFile::pages).sorted().toList()) {
      if (next.isEmpty()) {
        continue;
      }
      if (!joined.isEmpty() && next.start() <= joined.getLast().end()) {
        PageRange last = joined.removeLast();
        joined.add(new PageRange(last.start(), Math.max(last.end(), next.end())));
      } else {
        joined.add(next);
      }
    }
    return List.copyOf(joined);
  }

  private static PageRange pages(Load load) {
    return PageRange.within(load.physical(), load.physical() + load.bytes());
  }

  private static MemorySegment bytes(FileChannel file, long offset, long count) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate((int) count);
    while (bytes.hasRemaining()) {
      if (file.read(bytes, offset + bytes.position()) <= 0) {
        throw new CoreFormatException("the file ends at byte " + (offset + bytes.position()));
      }
    }
    return MemorySegment.ofArray(bytes.array());
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

    static Headers read(Path path, FileChannel file) throws IOException {
      long size = file.size();
      if (size < EHDR_SIZE) {
        throw new CoreFormatException(path + " is too short for an ELF core");
      }
      MemorySegment header = bytes(file, 0, EHDR_SIZE);
      if (header.get(U32, 0) != MAGIC
          || header.get(U16, E_IDENT_CLASS) != CLASS64_LITTLE
          || header.get(U16, E_TYPE) != ET_CORE
          || header.get(U16, E_MACHINE) != EM_X86_64) {
        throw new CoreFormatException(path + " is no ELF core of x86-64");
      }
      Headers headers = new Headers();
      long start = header.get(U64, E_PHOFF);
      long count = count(path, file, header);
      checkInside(path, "program headers", start, count * PHDR_SIZE, size);
      for (long i = 0; i < count; i++) {
        headers.add(path, file, bytes(file, start + i * PHDR_SIZE, PHDR_SIZE), size);
      }
      return headers;
    }

    private static long count(Path path, FileChannel file, MemorySegment header)
        throws IOException {
      if (Short.toUnsignedInt(header.get(U16, E_PHENTSIZE)) != PHDR_SIZE) {
        throw new CoreFormatException(path + " has program headers of an unknown size");
      }
      long count = Short.toUnsignedLong(header.get(U16, E_PHNUM));
      if (count == PN_XNUM) {
        long sections = header.get(U64, E_SHOFF);
        checkInside(path, "the section header", sections, SHDR_SIZE, file.size());
        count = Integer.toUnsignedLong(bytes(file, sections, SHDR_SIZE).get(U32, SH_INFO));
      }
      if (count > MOST_HEADERS) {
        throw new CoreFormatException(path + " has " + count + " program headers");
      }
      return count;
    }

    private void add(Path path, FileChannel file, MemorySegment header, long size)
        throws IOException {
      long offset = header.get(U64, P_OFFSET);
      long stored = header.get(U64, P_FILESZ);
      switch (header.get(U32, 0)) {
        case PT_NOTE -> {
          checkInside(path, "notes", offset, stored, size);
          if (stored > MOST_NOTES - notes.size()) {
            throw new CoreFormatException(path + " has too many notes");
          }
          notes.writeBytes(bytes(file, offset, stored).toArray(ValueLayout.JAVA_BYTE));
        }
        case PT_LOAD -> addLoad(path, header, offset, stored, size);
        default -> {
          // Of no interest to a kernel's core.
        }
      }
    }

    private void addLoad(Path path, MemorySegment header, long offset, long stored, long size)
        throws CoreFormatException {
      long physical = header.get(U64, P_PADDR);
      long virtual = header.get(U64, P_VADDR);
      long bytes = header.get(U64, P_MEMSZ);
      checkInside(path, "a load", physical, bytes, ADDRESS_LIMIT);
      checkInside(path, "a load's contents", offset, stored, size);
      if (stored > bytes) {
        throw new CoreFormatException(path + " has a load with more contents than memory");
      }
      loads.add(new Load(physical, virtual, bytes));
      if (stored != 0) {
        inFile.add(new InFile(new Load(physical, virtual, stored), offset));
      }
    }

    private static void checkInside(Path path, String what, long start, long length, long limit)
        throws CoreFormatException {
      if (start < 0 || length < 0 || start > limit || length > limit - start) {
        throw new CoreFormatException(
            String.format(
                "%s has %s of %d bytes at %d, which ends at %d: it was cut, or is none",
                path, what, length, start, limit));
      }
    }
  }
}
