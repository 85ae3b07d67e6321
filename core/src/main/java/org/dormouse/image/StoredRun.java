package org.dormouse.image;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.dormouse.memory.Pages;
import org.dormouse.store.Store;
import org.dormouse.store.StoreException;

/** Consecutive chunks that are read from the store at once. */
final class StoredRun {
  private final MemorySegment memory;
  private long firstChunk;
  private long endChunk;
  private long storeOffset;

  StoredRun(Arena arena, int bytes) {
    memory = arena.allocate(bytes, Store.ALIGNMENT);
  }

  /**
   * Reads as many chunks as fit, from {@code first} on, with the blocks that they lie in.
   *
   * @return the number of bytes read
   */
  long read(Store store, ChunkIndex index, long first) throws StoreException {
    firstChunk = first;
    endChunk = first + 1;
    storeOffset = Pages.alignDown(index.offset(first), Store.ALIGNMENT);
    long end = storeOffset + memory.byteSize();
    while (endChunk < index.count() && index.end(endChunk) <= end) {
      endChunk++;
    }
    long length = Pages.alignUp(index.end(endChunk - 1), Store.ALIGNMENT) - storeOffset;
    store.read(storeOffset, memory.asSlice(0, length));
    return length;
  }

  long firstChunk() {
    return firstChunk;
  }

  /** The chunk after the last one. */
  long endChunk() {
    return endChunk;
  }

  /** The stored bytes of one of the chunks. */
  MemorySegment stored(ChunkIndex index, long chunk) {
    return memory.asSlice(index.offset(chunk) - storeOffset, index.length(chunk));
  }
}
