package org.dormouse.dump;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.dormouse.codec.Comparison;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;
import org.dormouse.memory.RankedPages;

/** Reads pages of a kdump-compressed file: descriptors first, then the data. Safe for threads. */
final class PageReader implements AutoCloseable {
  /** Descriptors that are read at once. */
  private static final int BATCH = 256;

  /** Data that is read at once: that of a batch, which may all be incompressible. */
  private static final long DATA_BYTES = Pages.address(BATCH);

  /** A lease of so few pages is by somebody who looks here and there. */
  private static final int FEW = 8;

  private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED;

  // struct page_desc
  private static final int D_SIZE = 8;
  private static final int D_FLAGS = 12;

  private final InputFile file;
  private final long descriptors;
  private final RankedPages dumped;
  private final Arena arena = Arena.ofShared();
  private final PageCache cache = new PageCache(arena);
  private final Deque<Tools> idle = new ConcurrentLinkedDeque<>();

  /**
   * Reads nothing yet.
   *
   * @param descriptors where the descriptors begin in the file, in bytes
   * @param dumped which pages have one
   */
  PageReader(InputFile file, long descriptors, RankedPages dumped) {
    this.file = file;
    this.descriptors = descriptors;
    this.dumped = dumped;
  }

  /**
   * Fills {@code target} with pages.
   *
   * @throws IOException if one of them is not in the file, or not to be had from it
   */
  void read(PageRange pages, MemorySegment target) throws IOException {
    if (dumped.pages().countIn(pages) != pages.count()) {
      throw new CoreFormatException(file.path() + " was made without some pages of " + pages);
    }
    Tools tools = idle.pollFirst();
    Tools used = tools != null ? tools : new Tools();
    try {
      if (pages.count() <= FEW) {
        readFew(used, pages, target);
      } else {
        readMany(used, pages, target);
      }
    } finally {
      idle.addFirst(used);
    }
  }

  private void readFew(Tools tools, PageRange pages, MemorySegment target) throws IOException {
    for (long pfn = pages.start(); pfn < pages.end(); pfn++) {
      MemorySegment page = target.asSlice(Pages.address(pfn - pages.start()), Pages.SIZE);
      long wanted = pfn;
      cache.get(pfn, page, missing -> tools.read(dumped.rank(wanted), 1, missing));
    }
  }

  private void readMany(Tools tools, PageRange pages, MemorySegment target) throws IOException {
    long rank = dumped.rank(pages.start());
    for (long done = 0; done < pages.count(); done += BATCH) {
      int count = (int) Math.min(BATCH, pages.count() - done);
      tools.read(rank + done, count, target.asSlice(Pages.address(done), Pages.address(count)));
    }
  }

  /**
   * Adds the pages that share the one page of zeros with which makedumpfile begins the data.
   *
   * @param zero takes them; with the limit of the pages that have descriptors
   */
  void addPagesOfZeros(PageSet zero) throws IOException {
    long shared = descriptors + dumped.count() * KdumpHeader.DESCRIPTOR_BYTES;
    try (Tools tools = new Tools()) {
      if (!tools.isPageOfZeros(shared)) {
        return;
      }
      long rank = 0;
      for (long pfn = dumped.pages().next(0); pfn < zero.limit(); rank++) {
        if (rank % BATCH == 0) {
          tools.readDescriptors(rank, (int) Math.min(BATCH, dumped.count() - rank));
        }
        if (tools.isRawAt((int) (rank % BATCH), shared)) {
          zero.add(pfn);
        }
        pfn = dumped.pages().next(pfn + 1);
      }
    }
  }

  @Override
  public void close() {
    idle.forEach(Tools::close);
    arena.close();
  }

  /** What one thread needs to read. */
  private final class Tools implements AutoCloseable {
    private final Arena memory = Arena.ofShared();
    private final MemorySegment described =
        memory.allocate((long) BATCH * KdumpHeader.DESCRIPTOR_BYTES, Long.BYTES);
    private final MemorySegment data = memory.allocate(DATA_BYTES, Pages.SIZE);
    private final PageDecompressor decompressor = new PageDecompressor();

    /** Fills {@code target} with the pages whose descriptors are these, {@code BATCH} at most. */
    void read(long rank, int count, MemorySegment target) throws IOException {
      readDescriptors(rank, count);
      for (int i = 0; i < count; ) {
        int end = endOfStretch(i, count);
        long start = offset(i);
        file.read(start, data.asSlice(0, offset(end - 1) + size(end - 1) - start));
        for (; i < end; i++) {
          unpack(
              rank + i,
              flags(i),
              data.asSlice(offset(i) - start, size(i)),
              target.asSlice(Pages.address(i), Pages.SIZE));
        }
      }
    }

    /**
     * The end of those from {@code first} on whose data lies close together, one behind the other.
     */
    private int endOfStretch(int first, int count) {
      int end = first + 1;
      while (end < count
          && offset(end) >= offset(end - 1) + size(end - 1)
          && offset(end) + size(end) - offset(first) <= DATA_BYTES) {
        end++;
      }
      return end;
    }

    void readDescriptors(long rank, int count) throws IOException {
      file.read(
          descriptors + rank * KdumpHeader.DESCRIPTOR_BYTES,
          described.asSlice(0, (long) count * KdumpHeader.DESCRIPTOR_BYTES));
      for (int i = 0; i < count; i++) {
        boolean sane =
            size(i) > 0
                && size(i) <= Pages.SIZE
                && offset(i) >= 0
                && offset(i) <= file.size() - size(i);
        if (!sane) {
          throw damaged(rank + i, "%d bytes at %d".formatted(size(i), offset(i)));
        }
      }
    }

    private void unpack(long rank, int flags, MemorySegment from, MemorySegment page)
        throws IOException {
      boolean unpacked =
          switch (flags) {
            case KdumpHeader.RAW -> {
              page.asSlice(0, from.byteSize()).copyFrom(from);
              yield from.byteSize() == Pages.SIZE;
            }
            case KdumpHeader.ZLIB -> decompressor.zlib(from, page);
            case KdumpHeader.ZSTD -> decompressor.zstd(from, page);
            case KdumpHeader.LZO, KdumpHeader.SNAPPY ->
                throw new CoreFormatException(
                    "%s is compressed with %s, which is not known here: makedumpfile -c FILE NEW"
                            .formatted(file.path(), flags == KdumpHeader.LZO ? "LZO" : "snappy")
                        + " makes one of it that is compressed with zlib");
            default -> false;
          };
      if (!unpacked) {
        throw damaged(rank, "%d bytes with flags 0x%x".formatted(from.byteSize(), flags));
      }
    }

    private CoreFormatException damaged(long rank, String what) {
      return new CoreFormatException(
          String.format(
              "%s is damaged: page frame 0x%x is said to be %s",
              file.path(), dumped.select(rank), what));
    }

    boolean isPageOfZeros(long offset) throws IOException {
      MemorySegment page = data.asSlice(0, Pages.SIZE);
      MemorySegment zeros = data.asSlice(Pages.SIZE, Pages.SIZE).fill((byte) 0);
      if (offset > file.size() - Pages.SIZE) {
        return false;
      }
      file.read(offset, page);
      return Comparison.startsWith(page, zeros);
    }

    boolean isRawAt(int index, long offset) {
      return offset(index) == offset
          && size(index) == Pages.SIZE
          && flags(index) == KdumpHeader.RAW;
    }

    private long offset(int index) {
      return described.get(U64, (long) index * KdumpHeader.DESCRIPTOR_BYTES);
    }

    private long size(int index) {
      return Integer.toUnsignedLong(
          described.get(U32, (long) index * KdumpHeader.DESCRIPTOR_BYTES + D_SIZE));
    }

    private int flags(int index) {
      return described.get(U32, (long) index * KdumpHeader.DESCRIPTOR_BYTES + D_FLAGS);
    }

    @Override
    public void close() {
      decompressor.close();
      memory.close();
    }
  }
}
