package org.dormouse.image;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.dormouse.memory.Pages;
import org.dormouse.store.Store;
import org.dormouse.text.ReportException;

/**
 * A buffer for a run: chunks that lie together in the store and are written, or read, at once; with
 * their entries. Used again and again, by one thread at a time.
 */
final class RunBuffer {
  /** What chunks begin at a multiple of, in bytes: a cache line. */
  static final int CHUNK_ALIGNMENT = 64;

  /** How many chunks a run may have. */
  private static final int MOST_CHUNKS = 1024;

  /** How many a run has at least to which no other can be added for their number. */
  static final int FULL_RUN_CHUNKS = MOST_CHUNKS - 2;

  /** The size of the table of entries that goes with a run. */
  static final int ENTRY_TABLE_BYTES = MOST_CHUNKS * IndexEntry.BYTES;

  /** How many chunks are read at once, so that there is enough for all workers to the end. */
  private static final int MOST_READ = 32;

  private final MemorySegment memory;
  private final long[] entries;
  private long storeOffset;
  private long used;
  private int chunks;

  RunBuffer(Arena arena, int bytes) {
    memory = arena.allocate(bytes, Store.ALIGNMENT);
    entries = new long[MOST_CHUNKS * IndexEntry.WORDS];
  }

  /** Where in the table the entry of a chunk begins. */
  static int at(int chunk) {
    return chunk * IndexEntry.WORDS;
  }

  int chunks() {
    return chunks;
  }

  /** The entries, one for each chunk. */
  long[] entries() {
    return entries;
  }

  boolean isEmpty() {
    return chunks == 0;
  }

  void clear() {
    used = 0;
    chunks = 0;
  }

  /** Whether a chunk that may need up to {@code bytes}, and one of zeros, can be added. */
  boolean hasRoom(long bytes) {
    return chunks + 2 <= MOST_CHUNKS && memory.byteSize() - used >= bytes;
  }

  /** Where the next chunk goes. */
  MemorySegment free() {
    return memory.asSlice(used);
  }

  /** Guards and adds the chunk whose bytes are the first {@code length} of {@link #free}. */
  void add(long window, WindowPages pages, int length, int codec, ChunkGuard guard) {
    long word = guard.guard(window, pages, codec, free(), length);
    int stored = length + guard.extraBytes();
    IndexEntry.put(entries, at(chunks), window, pages, used, stored, codec, word);
    chunks++;
    padTo(used + stored, CHUNK_ALIGNMENT);
  }

  /** Adds a chunk of pages that are zero. */
  void addZero(long window, WindowPages pages) {
    IndexEntry.put(entries, at(chunks), window, pages, 0, 0, IndexEntry.ZERO, 0);
    chunks++;
  }

  /** What is to be written, filled up with zeros to whole blocks. */
  MemorySegment blocks() {
    padTo(used, Store.ALIGNMENT);
    return memory.asSlice(0, used);
  }

  private void padTo(long end, int alignment) {
    used = Pages.alignUp(end, alignment);
    if (used > end) {
      memory.asSlice(end, used - end).fill((byte) 0);
    }
  }

  /**
   * Reads as many chunks as fit, with the blocks that they lie in.
   *
   * @param index at a segment
   * @param first the number of the segment's entry to begin with
   * @return how many bytes were read
   */
  long read(Store store, IndexReader index, int first) throws ReportException {
    clear();
    long end = 0;
    while (chunks < MOST_READ && first + chunks < index.count()) {
      int at = IndexReader.at(first + chunks);
      if (IndexEntry.codec(index.table(), at) != IndexEntry.ZERO) {
        long offset = IndexEntry.offset(index.table(), at);
        if (end == 0) {
          storeOffset = Pages.alignDown(offset, Store.ALIGNMENT);
        }
        long chunkEnd = offset + IndexEntry.length(index.table(), at);
        if (chunkEnd - storeOffset > memory.byteSize()) {
          break;
        }
        end = chunkEnd;
      }
      System.arraycopy(index.table(), at, entries, at(chunks), IndexEntry.WORDS);
      chunks++;
    }
    if (end == 0) {
      return 0;
    }
    long length = Pages.alignUp(end, Store.ALIGNMENT) - storeOffset;
    store.read(storeOffset, memory.asSlice(0, length));
    return length;
  }

  /**
   * Reads one chunk with contents.
   *
   * @param table holds its entry at {@code at}
   */
  void readOne(Store store, long[] table, int at) throws ReportException {
    clear();
    long offset = IndexEntry.offset(table, at);
    storeOffset = Pages.alignDown(offset, Store.ALIGNMENT);
    System.arraycopy(table, at, entries, at(0), IndexEntry.WORDS);
    chunks = 1;
    long end = Pages.alignUp(offset + IndexEntry.length(table, at), Store.ALIGNMENT);
    store.read(storeOffset, memory.asSlice(0, end - storeOffset));
  }

  /** The stored bytes of a chunk that was read. */
  MemorySegment stored(int chunk) {
    return memory.asSlice(
        IndexEntry.offset(entries, at(chunk)) - storeOffset, IndexEntry.length(entries, at(chunk)));
  }
}
