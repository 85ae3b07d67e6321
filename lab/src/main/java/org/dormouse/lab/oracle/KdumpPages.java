package org.dormouse.lab.oracle;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.dormouse.memory.PageSet;

/**
 * Which pages a kdump-compressed file has, and no more of it: this is a test's own view of what
 * makedumpfile wrote.
 *
 * <p>makedumpfile's {@code IMPLEMENTATION} and {@code diskdump_mod.h}: a block of header, the sub
 * header, a bitmap of RAM and one of what was dumped, and for each bit of the second one a
 * descriptor. Pages of zeros that {@code -d 1} leaves out all have the same data, the first.
 *
 * @param ram what makedumpfile takes for RAM
 * @param stored pages whose contents are in the file
 * @param zero pages of which the file says only that they are zero
 */
record KdumpPages(PageSet ram, PageSet stored, PageSet zero) {
  private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED;
  private static final byte[] SIGNATURE = "KDUMP   ".getBytes(StandardCharsets.US_ASCII);

  // struct disk_dump_header, struct kdump_sub_header, struct page_desc
  private static final long BLOCK_SIZE = 428;
  private static final long SUB_HEADER_BLOCKS = 432;
  private static final long BITMAP_BLOCKS = 436;
  private static final long DUMP_LEVEL = 8;
  private static final long MAX_MAPNR_64 = 96;
  private static final int DESCRIPTOR_SIZE = 24;

  /**
   * Reads a file.
   *
   * @param arena owns the sets
   */
  static KdumpPages read(Path path, Arena arena) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
        Arena mapping = Arena.ofConfined()) {
      MemorySegment file = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), mapping);
      if (MemorySegment.mismatch(
              file, 0, SIGNATURE.length, MemorySegment.ofArray(SIGNATURE), 0, SIGNATURE.length)
          != -1) {
        throw new IOException(path + " is no kdump-compressed file");
      }
      return read(file, arena);
    }
  }

  private static KdumpPages read(MemorySegment file, Arena arena) {
    long block = file.get(U32, BLOCK_SIZE);
    long bitmaps = (1L + file.get(U32, SUB_HEADER_BLOCKS)) * block;
    long bitmapBytes = Integer.toUnsignedLong(file.get(U32, BITMAP_BLOCKS)) * block / 2;
    long descriptors = bitmaps + 2 * bitmapBytes;
    long pages = file.get(U64, block + MAX_MAPNR_64);
    boolean zerosExcluded = (file.get(U32, block + DUMP_LEVEL) & 1) != 0;
    PageSet ram = bits(file.asSlice(bitmaps, bitmapBytes), pages, arena);
    PageSet stored = bits(file.asSlice(bitmaps + bitmapBytes, bitmapBytes), pages, arena);
    PageSet zero = PageSet.empty(arena, pages);
    long data = descriptors + stored.count() * DESCRIPTOR_SIZE;
    long descriptor = descriptors;
    for (long pfn = stored.next(0); pfn < pages; pfn = stored.next(pfn + 1)) {
      if (zerosExcluded && file.get(U64, descriptor) == data) {
        zero.add(pfn);
      }
      descriptor += DESCRIPTOR_SIZE;
    }
    stored.removeAll(zero);
    return new KdumpPages(ram, stored, zero);
  }

  private static PageSet bits(MemorySegment bitmap, long pages, Arena arena) {
    PageSet set = PageSet.empty(arena, pages);
    for (long pfn = 0; pfn < Math.min(pages, bitmap.byteSize() * Byte.SIZE); pfn++) {
      if ((bitmap.get(ValueLayout.JAVA_BYTE, pfn / Byte.SIZE) >>> (pfn % Byte.SIZE) & 1) != 0) {
        set.add(pfn);
      }
    }
    return set;
  }
}
