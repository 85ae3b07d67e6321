package org.dormouse.image;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.dormouse.codec.Xxh64;
import org.dormouse.memory.Pages;
import org.dormouse.store.Store;
import org.dormouse.text.ReportException;

/**
 * Walks the index of an image from its last segment to its first, with one of them in memory at a
 * time, and believes none of it before it has been checked. For use by one thread.
 */
final class IndexReader {
  private final Store store;
  private final ImageBody body;
  private final long dataOffset;
  private final MemorySegment segment;
  private final IndexGuard guard;
  private final long[] entries = new long[IndexSegment.MOST_ENTRIES * IndexEntry.WORDS];
  private final WindowPages pages = new WindowPages();
  private StoredBytes next;

  /** What the data of all further chunks and segments ends before. */
  private long dataLimit;

  private long segmentLimit;
  private int count;
  private long chunks;
  private long savedPages;
  private long zeroPages;

  /**
   * At the end of the index of a complete image.
   *
   * @param arena owns a segment's memory
   * @param guard closed by whoever made it
   */
  IndexReader(Arena arena, Store store, ImageBody body, long dataOffset, IndexGuard guard) {
    this.guard = guard;
    this.store = store;
    this.body = body;
    this.dataOffset = dataOffset;
    this.segment =
        arena.allocate(
            Pages.alignUp(IndexSegment.MOST_BYTES + (long) guard.extraBytes(), Store.ALIGNMENT),
            Store.ALIGNMENT);
    this.next = body.lastIndexSegment();
    this.dataLimit = next.offset();
    this.segmentLimit = next.blocksEnd();
  }

  /**
   * Reads the segment before the current one.
   *
   * @return false if there is none, and what was seen is what the header says
   * @throws ImageFormatException if it is damaged
   */
  boolean advance() throws ReportException {
    if (next.isNone()) {
      checkTotals();
      count = 0;
      return false;
    }
    if (next.offset() < dataOffset
        || next.blocksEnd() > segmentLimit
        || IndexSegment.extraBytes(next) != guard.extraBytes()) {
      throw damaged("it leads to " + next);
    }
    store.read(next.offset(), segment.asSlice(0, Pages.alignUp(next.length(), Store.ALIGNMENT)));
    if (Xxh64.of(segment.asSlice(0, next.length())) != next.checksum()) {
      throw damaged(
          String.format(
              "%d bytes at byte %d of %s do not match their checksum",
              next.length(), next.offset(), store.name()));
    }
    PieceCipher.Verdict verdict = guard.check(segment.asSlice(0, next.length()));
    if (verdict != PieceCipher.Verdict.GOOD) {
      throw ImageFormatException.of(
          verdict,
          Damage.INDEX_DAMAGED,
          String.format(
              "%d bytes at byte %d of %s are not the segment that belongs there",
              next.length(), next.offset(), store.name()));
    }
    count = IndexSegment.entries(next);
    IndexSegment.copyEntries(segment, count, entries);
    dataLimit = Math.min(dataLimit, next.offset());
    segmentLimit = next.offset();
    checkEntries();
    try {
      next = IndexSegment.before(segment, guard.extraBytes());
    } catch (IllegalArgumentException e) {
      throw damaged(e.getMessage());
    }
    return true;
  }

  /** Where the segment before the current one is, if there is one. */
  StoredBytes before() {
    return next;
  }

  /** How many entries the current segment has. */
  int count() {
    return count;
  }

  /** The entries of the current segment; they begin where {@link #at} says. */
  long[] table() {
    return entries;
  }

  /** Where in the table entry {@code number} begins. */
  static int at(int number) {
    return number * IndexEntry.WORDS;
  }

  /** A checksum says that this is what was written, not that it made sense. */
  private void checkEntries() throws ImageFormatException {
    long limit = dataLimit;
    for (int entry = count - 1; entry >= 0; entry--) {
      int at = at(entry);
      IndexEntry.pages(entries, at, pages);
      int codec = IndexEntry.codec(entries, at);
      long offset = IndexEntry.offset(entries, at);
      int length = IndexEntry.length(entries, at);
      if (!makesSense(at, codec, offset, length, limit)) {
        throw damaged(
            String.format(
                "entry %d of the segment at byte %d makes no sense", entry, next.offset()));
      }
      if (codec == IndexEntry.ZERO) {
        zeroPages += pages.count();
      } else {
        savedPages += pages.count();
        limit = offset;
      }
    }
    dataLimit = limit;
    chunks += count;
    if (chunks > body.chunkCount()) {
      throw damaged("it has more chunks than the header says");
    }
  }

  private boolean makesSense(int at, int codec, long offset, int length, long limit) {
    int extra = guard.extraBytes();
    long unpacked = Pages.address(pages.count());
    long window = IndexEntry.window(entries, at);
    boolean stored =
        switch (codec) {
          case IndexEntry.RAW -> length == unpacked + extra;
          case IndexEntry.LZ4, IndexEntry.ZSTD -> length > extra && length < unpacked + extra;
          case IndexEntry.ZERO ->
              offset == 0 && length == 0 && IndexEntry.checksum(entries, at) == 0;
          default -> false;
        };
    return stored
        && unpacked > 0
        && (codec == IndexEntry.ZERO
            || (offset >= dataOffset && offset <= limit && length <= limit - offset))
        && window >= 0
        && window < ImageDescription.PFN_LIMIT
        && window % WindowPages.COUNT == 0;
  }

  private void checkTotals() throws ImageFormatException {
    if (chunks != body.chunkCount()
        || savedPages != body.savedPages()
        || zeroPages != body.zeroPages()) {
      throw damaged(
          String.format(
              "it has %d saved and %d zero pages in %d chunks, the header %d and %d in %d",
              savedPages,
              zeroPages,
              chunks,
              body.savedPages(),
              body.zeroPages(),
              body.chunkCount()));
    }
  }

  static ImageFormatException damaged(String where) {
    return new ImageFormatException(Damage.INDEX_DAMAGED, where);
  }
}
