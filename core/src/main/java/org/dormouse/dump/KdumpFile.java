package org.dormouse.dump;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dormouse.memory.Frames;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.RankedPages;
import org.dormouse.vmcore.CopiedFrames;

/**
 * A kdump-compressed file: what makedumpfile and {@link KdumpWriter} write, versions 4 to 6, pages
 * as they are or compressed with zlib or zstd.
 *
 * <p>Memory: both bitmaps while it is opened, then one of them, 32 KiB for each GiB; what is
 * leased; and {@link PageCache a few pages} for those who look here and there.
 */
public final class KdumpFile implements CoreFile {
  /** 64 TiB: the most that x86-64 has with page tables of 4 levels. */
  static final long MOST_PAGES = 1L << 34;

  /** Notes of 8192 processors. */
  private static final long MOST_NOTES = 8L << 20;

  /** Far more than any machine's RAM is in; they are held in memory. */
  private static final int MOST_RANGES = 1 << 16;

  private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED;

  private final InputFile file;
  private final KdumpHeader header;
  private final Arena arena;
  private final RankedPages dumped;
  private final List<PageRange> ram;
  private final PageReader reader;
  private final CopiedFrames frames;
  private final CoreDescription description;

  private KdumpFile(InputFile file, KdumpHeader header, Arena arena) throws IOException {
    this.file = file;
    this.header = header;
    this.arena = arena;
    PageSet pages = bitmap(arena, header.bitmaps() + header.bitmapBytes());
    this.dumped = RankedPages.of(arena, pages);
    if (dumped.count() == 0) {
      throw new CoreFormatException(file.path() + " holds no page of memory");
    }
    if (dumped.count() > (file.size() - header.descriptors()) / KdumpHeader.DESCRIPTOR_BYTES) {
      throw new CoreFormatException(
          "%s ends at byte %d, before the descriptors of its %d pages do: it was cut"
              .formatted(file.path(), file.size(), dumped.count()));
    }
    this.ram = ram(pages);
    this.reader = new PageReader(file, header.descriptors(), dumped);
    this.frames = CopiedFrames.over(ram, reader::read);
    boolean described = false;
    try {
      this.description = describe();
      described = true;
    } finally {
      if (!described) {
        frames.close();
        reader.close();
      }
    }
  }

  /** Whether {@code path} begins as a kdump-compressed file does, or a flattened one. */
  public static boolean isKdump(Path path) throws IOException {
    try (InputFile file = InputFile.open(path)) {
      return file.size() >= KdumpHeader.BYTES
          && KdumpHeader.begins(file.bytes(0, KdumpHeader.BYTES));
    }
  }

  /**
   * Opens a file and reads its headers and bitmaps.
   *
   * @throws CoreFormatException if it is none of a kernel of x86-64, or makes no sense
   */
  public static KdumpFile open(Path path) throws IOException {
    InputFile file = InputFile.open(path);
    Arena arena = Arena.ofShared();
    boolean opened = false;
    try {
      if (file.size() < KdumpHeader.BYTES) {
        throw new CoreFormatException(path + " is too short for a kdump-compressed file");
      }
      byte[] first = file.bytes(0, KdumpHeader.BYTES);
      KdumpHeader header = KdumpHeader.read(path, MemorySegment.ofArray(first), file.size());
      KdumpFile core = new KdumpFile(file, header, arena);
      opened = true;
      return core;
    } finally {
      if (!opened) {
        arena.close();
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
  public Presence presence(Arena owner) throws IOException {
    PageSet stored = dumped.pages().copy(owner);
    PageSet zero = PageSet.empty(owner, stored.limit());
    reader.addPagesOfZeros(zero);
    stored.removeAll(zero);
    return new Presence(stored, zero);
  }

  @Override
  public void close() throws IOException {
    frames.close();
    reader.close();
    arena.close();
    file.close();
  }

  private PageSet bitmap(Arena owner, long offset) throws IOException {
    PageSet pages = PageSet.empty(owner, header.limit());
    MemorySegment block = MemorySegment.ofArray(new byte[KdumpHeader.BLOCK]);
    long bits = (long) KdumpHeader.BLOCK * Byte.SIZE;
    for (long pfn = 0; pfn < header.limit(); pfn += bits) {
      file.read(offset + pfn / Byte.SIZE, block);
      for (int at = 0; at < KdumpHeader.BLOCK; at += Long.BYTES) {
        pages.addBits(pfn + (long) at * Byte.SIZE, block.get(U64, at));
      }
    }
    return pages;
  }

  private List<PageRange> ram(PageSet dumpedPages) throws IOException {
    List<PageRange> ranges = new ArrayList<>();
    try (Arena temporary = Arena.ofConfined()) {
      PageSet pages = bitmap(temporary, header.bitmaps());
      pages.addAll(dumpedPages);
      PageRange run = pages.nextRun(0);
      while (!run.isEmpty()) {
        if (ranges.size() == MOST_RANGES) {
          throw new CoreFormatException(
              file.path() + " has RAM in more than " + MOST_RANGES + " ranges");
        }
        ranges.add(run);
        run = pages.nextRun(run.end());
      }
    }
    return List.copyOf(ranges);
  }

  private CoreDescription describe() throws IOException {
    KdumpHeader.Stretch notes = header.notes();
    if (notes.length() > MOST_NOTES) {
      throw new CoreFormatException(file.path() + " has too many notes");
    }
    CoreDescription told =
        new CoreDescription(List.of(), file.bytes(notes.offset(), (int) notes.length()));
    return new CoreDescription(KernelMappings.of(told, ram, frames), told.notes());
  }
}
