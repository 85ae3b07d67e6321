package org.dormouse.image;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;
import org.dormouse.store.Store;
import org.dormouse.store.StoreException;

/**
 * All chunks of an image in the order of the store: a table off the heap that grows by slabs and is
 * never copied. 64 bytes for each MiB of memory, twice a bitmap of its pages. For use by one
 * thread, except for what takes a chunk's number.
 */
final class ChunkIndex {
  /** The length of an entry in bytes. */
  static final int ENTRY_BYTES = IndexEntry.BYTES;

  private static final int SLAB_SHIFT = 20;
  private static final int SLAB_BYTES = 1 << SLAB_SHIFT;

  /** Physical addresses have at most 52 bits (Intel SDM volume 3, 4.1.4), PFNs 40. */
  private static final long PFN_LIMIT = 1L << 40;

  private final Arena arena;
  private final List<MemorySegment> slabs = new ArrayList<>();
  private final WindowPages pages = new WindowPages();
  private long count;
  private long savedPages;

  /** An empty index. Its table lives as long as {@code arena}. */
  ChunkIndex(Arena arena) {
    this.arena = arena;
  }

  /** How many chunks there are. */
  long count() {
    return count;
  }

  /** How many pages all chunks hold. */
  long savedPages() {
    return savedPages;
  }

  /** The length of the index in bytes. */
  long bytes() {
    return count * ENTRY_BYTES;
  }

  /**
   * Adds the chunks of a run that begins at {@code runOffset} of the store; their own offsets are
   * relative to that.
   */
  void append(MemorySegment entries, int added, long runOffset) {
    for (int i = 0; i < added; i++) {
      if (((count * ENTRY_BYTES) & (SLAB_BYTES - 1)) == 0) {
        slabs.add(arena.allocate(SLAB_BYTES, Store.ALIGNMENT));
      }
      MemorySegment slab = slab(count);
      long at = at(count);
      MemorySegment.copy(entries, (long) i * ENTRY_BYTES, slab, at, ENTRY_BYTES);
      IndexEntry.pages(slab, at, pages);
      savedPages += pages.count();
      IndexEntry.putOffset(slab, at, runOffset + IndexEntry.offset(slab, at));
      count++;
    }
  }

  long window(long chunk) {
    return IndexEntry.window(slab(chunk), at(chunk));
  }

  void pages(long chunk, WindowPages pages) {
    IndexEntry.pages(slab(chunk), at(chunk), pages);
  }

  long offset(long chunk) {
    return IndexEntry.offset(slab(chunk), at(chunk));
  }

  int length(long chunk) {
    return IndexEntry.length(slab(chunk), at(chunk));
  }

  /** The byte of the store after the chunk's last one. */
  long end(long chunk) {
    return offset(chunk) + length(chunk);
  }

  int codec(long chunk) {
    return IndexEntry.codec(slab(chunk), at(chunk));
  }

  long checksum(long chunk) {
    return IndexEntry.checksum(slab(chunk), at(chunk));
  }

  /** XXH3-64 of all entries. */
  long checksum() {
    List<MemorySegment> parts = new ArrayList<>();
    for (int i = 0; i < slabs.size(); i++) {
      parts.add(slabs.get(i).asSlice(0, used(i)));
    }
    return Codec.checksum(parts);
  }

  /** Writes the index at {@code offset}, followed by zeros to the next multiple of 4096. */
  void write(Store store, long offset) throws StoreException {
    for (int i = 0; i < slabs.size(); i++) {
      store.write(offset + slabStart(i), slabs.get(i).asSlice(0, whole(used(i))));
    }
  }

  /** Where in the store the blocks of a whole image end, in bytes. */
  static long storedEnd(ImageBody body) {
    return Math.max(ImageHeader.BLOCK_BYTES, body.indexOffset() + whole(body.indexLength()));
  }

  /**
   * Reads the index of an image and checks all of it.
   *
   * @throws ImageFormatException if it does not match its checksum, or its entries contradict each
   *     other or the header
   */
  static ChunkIndex read(Arena arena, Store store, ImageBody body)
      throws StoreException, ImageFormatException {
    ChunkIndex index = new ChunkIndex(arena);
    index.count = body.chunkCount();
    for (long done = 0; done < body.indexLength(); done += SLAB_BYTES) {
      MemorySegment slab = arena.allocate(SLAB_BYTES, Store.ALIGNMENT);
      long length = Math.min(SLAB_BYTES, body.indexLength() - done);
      store.read(body.indexOffset() + done, slab.asSlice(0, whole(length)));
      index.slabs.add(slab);
    }
    if (index.checksum() != body.indexChecksum()) {
      throw new ImageFormatException(
          Damage.INDEX_DAMAGED,
          String.format(
              "%d bytes at byte %d of %s do not match their checksum",
              body.indexLength(), body.indexOffset(), store.name()));
    }
    index.checkEntries(body);
    return index;
  }

  /** A checksum says that this is what was written, not that it made sense. */
  private void checkEntries(ImageBody body) throws ImageFormatException {
    long free = ImageHeader.BLOCK_BYTES;
    for (long chunk = 0; chunk < count; chunk++) {
      pages(chunk, pages);
      savedPages += pages.count();
      if (offset(chunk) < free || end(chunk) > body.indexOffset() || !fits(chunk)) {
        throw new ImageFormatException(
            Damage.INDEX_DAMAGED, "the entry of chunk " + chunk + " makes no sense");
      }
      free = end(chunk);
    }
    if (savedPages != body.savedPages()) {
      throw new ImageFormatException(
          Damage.INDEX_DAMAGED, "it has " + savedPages + " pages, the header " + body.savedPages());
    }
  }

  private boolean fits(long chunk) {
    long unpacked = Pages.address(pages.count());
    long window = window(chunk);
    boolean lengthFits =
        switch (codec(chunk)) {
          case Codec.RAW -> length(chunk) == unpacked;
          case Codec.LZ4 -> length(chunk) > 0 && length(chunk) < unpacked;
          default -> false;
        };
    return lengthFits
        && unpacked > 0
        && window >= 0
        && window < PFN_LIMIT
        && window % WindowPages.COUNT == 0;
  }

  /** The PFN after the last page of all chunks, 0 without chunks. */
  long limit() {
    long limit = 0;
    for (long chunk = 0; chunk < count; chunk++) {
      if (window(chunk) + WindowPages.COUNT > limit) {
        pages(chunk, pages);
        limit = Math.max(limit, window(chunk) + pages.last() + 1);
      }
    }
    return limit;
  }

  /** Adds the pages of all chunks to {@code set}, which must have room for them. */
  void addPages(PageSet set) {
    for (long chunk = 0; chunk < count; chunk++) {
      pages(chunk, pages);
      long window = window(chunk);
      for (int start = pages.next(0), end; start < WindowPages.COUNT; start = pages.next(end)) {
        end = pages.nextAbsent(start);
        set.add(new PageRange(window + start, window + end));
      }
    }
  }

  private MemorySegment slab(long chunk) {
    return slabs.get((int) ((chunk * ENTRY_BYTES) >>> SLAB_SHIFT));
  }

  private static long at(long chunk) {
    return (chunk * ENTRY_BYTES) & (SLAB_BYTES - 1);
  }

  private static long slabStart(int slab) {
    return (long) slab << SLAB_SHIFT;
  }

  private long used(int slab) {
    return Math.min(SLAB_BYTES, bytes() - slabStart(slab));
  }

  private static long whole(long length) {
    return Pages.alignUp(length, Store.ALIGNMENT);
  }
}
