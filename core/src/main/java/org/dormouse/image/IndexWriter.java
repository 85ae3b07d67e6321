package org.dormouse.image;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.dormouse.codec.Xxh64;
import org.dormouse.memory.Pages;
import org.dormouse.store.Store;
import org.dormouse.text.ReportException;

/**
 * The index as it grows: one segment in memory, which is written between the data whenever it is
 * full. For use by one thread.
 */
final class IndexWriter {
  private final MemorySegment segment;
  private final long[] table = new long[IndexSegment.MOST_ENTRIES * IndexEntry.WORDS];
  private final WindowPages pages = new WindowPages();
  private final IndexGuard guard;
  private StoredBytes before = StoredBytes.none();
  private int entries;
  private long chunks;
  private long savedPages;
  private long zeroPages;

  /**
   * An empty index.
   *
   * @param arena owns its segment
   * @param guard closed by whoever made it
   */
  IndexWriter(Arena arena, IndexGuard guard) {
    this.guard = guard;
    this.segment =
        arena.allocate(
            Pages.alignUp(IndexSegment.MOST_BYTES + (long) guard.extraBytes(), Store.ALIGNMENT),
            Store.ALIGNMENT);
  }

  long chunks() {
    return chunks;
  }

  long savedPages() {
    return savedPages;
  }

  long zeroPages() {
    return zeroPages;
  }

  boolean isFull() {
    return entries == IndexSegment.MOST_ENTRIES;
  }

  /** Whether there are entries that are not in the store yet. */
  boolean hasEntries() {
    return entries != 0;
  }

  /** The bytes of the store that the segment takes with {@code more} entries. */
  long blockBytes(int more) {
    long most = IndexSegment.at(Math.min(entries + more, IndexSegment.MOST_ENTRIES));
    return Pages.alignUp(most + guard.extraBytes(), Store.ALIGNMENT);
  }

  /** Adds an entry of a run that begins at {@code runOffset} of the store; there is room for it. */
  void add(RunBuffer run, int chunk, long runOffset) {
    int at = entries * IndexEntry.WORDS;
    System.arraycopy(run.entries(), RunBuffer.at(chunk), table, at, IndexEntry.WORDS);
    IndexEntry.pages(table, at, pages);
    if (IndexEntry.codec(table, at) == IndexEntry.ZERO) {
      zeroPages += pages.count();
    } else {
      savedPages += pages.count();
      IndexEntry.putOffset(table, at, runOffset + IndexEntry.offset(table, at));
    }
    entries++;
    chunks++;
  }

  /** Writes the segment at {@code offset} and begins another. */
  StoredBytes write(Store store, long offset) throws ReportException {
    IndexSegment.putBefore(segment, before);
    IndexSegment.putEntries(table, entries, segment);
    guard.guard(segment, IndexSegment.at(entries));
    long length = IndexSegment.at(entries) + guard.extraBytes();
    MemorySegment blocks = segment.asSlice(0, Pages.alignUp(length, Store.ALIGNMENT));
    blocks.asSlice(length).fill((byte) 0);
    store.write(offset, blocks);
    before = new StoredBytes(offset, length, Xxh64.of(segment.asSlice(0, length)));
    entries = 0;
    return before;
  }

  /** The segment that was written last. */
  StoredBytes last() {
    return before;
  }
}
