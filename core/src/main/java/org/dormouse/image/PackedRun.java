package org.dormouse.image;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.dormouse.memory.Pages;
import org.dormouse.store.Store;

/** Chunks, packed back to back, that will be written to the store at once; with their entries. */
final class PackedRun {
  /** What chunks begin at a multiple of, in bytes: a cache line. */
  static final int CHUNK_ALIGNMENT = 64;

  private static final int MOST_CHUNKS = 1024;

  /** The size of the table of entries that goes with a run. */
  static final int ENTRY_TABLE_BYTES = MOST_CHUNKS * IndexEntry.BYTES;

  private final MemorySegment memory;
  private final MemorySegment entries;
  private long used;
  private int chunks;

  PackedRun(Arena arena, int bytes) {
    memory = arena.allocate(bytes, Store.ALIGNMENT);
    entries = arena.allocate(ENTRY_TABLE_BYTES, Long.BYTES);
  }

  boolean isEmpty() {
    return chunks == 0;
  }

  int chunks() {
    return chunks;
  }

  MemorySegment entries() {
    return entries;
  }

  /** Whether one more chunk that may need up to {@code bytes} can be added. */
  boolean hasRoom(long bytes) {
    return chunks < MOST_CHUNKS && memory.byteSize() - used >= bytes;
  }

  /** Where the next chunk goes. */
  MemorySegment free() {
    return memory.asSlice(used);
  }

  /** Adds the chunk whose stored bytes are the first {@code length} of {@link #free}. */
  void add(long window, WindowPages pages, int length, int codec) {
    long checksum = Codec.checksum(memory.asSlice(used, length));
    long at = (long) chunks * IndexEntry.BYTES;
    IndexEntry.put(entries, at, window, pages, used, length, codec, checksum);
    chunks++;
    padTo(used + length, CHUNK_ALIGNMENT);
  }

  /** What is to be written, filled up with zeros to whole blocks. */
  MemorySegment blocks() {
    padTo(used, Store.ALIGNMENT);
    return memory.asSlice(0, used);
  }

  void clear() {
    used = 0;
    chunks = 0;
  }

  private void padTo(long end, int alignment) {
    used = Pages.alignUp(end, alignment);
    memory.asSlice(end, used - end).fill((byte) 0);
  }
}
