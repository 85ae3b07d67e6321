package org.dormouse.image;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;
import org.dormouse.store.Store;

/**
 * The pages of an image in any order. The index is held in memory, 72 bytes for each chunk; of the
 * contents the windows that were asked for last. Safe for concurrent use; open as long as its store
 * is.
 */
public final class ImagePages implements AutoCloseable {
  /** Windows, of 1 MiB, that are kept. */
  private static final int CACHED = 24;

  /** Room for a chunk with the blocks that it lies in. */
  private static final int BUFFER_BYTES = 2 << 20;

  /** The PFN after the last one that can be reached: 4 TiB. What an index names is no more. */
  public static final long PFN_LIMIT = 1L << 30;

  private final Store store;
  private final Arena arena = Arena.ofShared();
  private final PageSet saved;
  private final PageSet zero;

  /** The index. */
  private final long[] entries;

  /** For each entry with contents its window's number and its own, in ascending order. */
  private final long[] order;

  // Guarded by this.
  private final RunBuffer run = new RunBuffer(arena, BUFFER_BYTES);
  private final ChunkGuard guard;
  private final ChunkDecoder decoder;
  private final Map<Long, MemorySegment> windows = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * The pages of an index.
   *
   * @param guard is closed with this
   */
  ImagePages(Store store, IndexReader index, ChunkGuard guard) throws IOException {
    this.store = store;
    this.guard = guard;
    this.decoder = new ChunkDecoder(arena, guard, new ImageProgress());
    boolean made = false;
    try {
      entries = all(index);
      long limit = limit(entries);
      saved = PageSet.empty(arena, limit);
      zero = PageSet.empty(arena, limit);
      order = sort();
      made = true;
    } finally {
      if (!made) {
        close();
      }
    }
  }

  private static long[] all(IndexReader index) throws IOException {
    long[] all = new long[0];
    while (index.advance()) {
      int words = IndexReader.at(index.count());
      long[] more = Arrays.copyOf(all, Math.addExact(all.length, words));
      System.arraycopy(index.table(), 0, more, all.length, words);
      all = more;
    }
    return all;
  }

  private static long limit(long[] entries) throws ImageFormatException {
    long limit = 0;
    for (int at = 0; at < entries.length; at += IndexEntry.WORDS) {
      limit = Math.max(limit, IndexEntry.window(entries, at) + WindowPages.COUNT);
    }
    if (limit > PFN_LIMIT) {
      throw IndexReader.damaged(
          String.format("a page at PFN %#x, beyond what can be read in any order", limit - 1));
    }
    return limit;
  }

  /** Sorts the entries with contents, and fills the sets. */
  private long[] sort() {
    long[] keys = new long[entries.length / IndexEntry.WORDS];
    int count = 0;
    WindowPages pages = new WindowPages();
    for (int i = 0; i < keys.length; i++) {
      int at = IndexReader.at(i);
      long window = IndexEntry.window(entries, at);
      IndexEntry.pages(entries, at, pages);
      if (IndexEntry.codec(entries, at) == IndexEntry.ZERO) {
        pages.addTo(zero, window);
      } else {
        pages.addTo(saved, window);
        keys[count++] = key(window) | i;
      }
    }
    Arrays.sort(keys, 0, count);
    return Arrays.copyOf(keys, count);
  }

  private static long key(long window) {
    return (window / WindowPages.COUNT) << Integer.SIZE;
  }

  /** The pages whose contents are in the image; not to be changed. */
  public PageSet saved() {
    return saved;
  }

  /** The pages of which the image says that they are zero; not to be changed. */
  public PageSet zero() {
    return zero;
  }

  /**
   * Copies pages. One that is not in the image is zeros.
   *
   * @param wanted any pages
   * @param target exactly as long
   * @throws ImageFormatException if a chunk is damaged
   * @throws org.dormouse.text.ReportException if the store cannot be read
   */
  public void read(PageRange wanted, MemorySegment target) throws IOException {
    for (long pfn = wanted.start(); pfn < wanted.end(); ) {
      long window = Pages.alignDown(pfn, WindowPages.COUNT);
      long end = Math.min(wanted.end(), window + WindowPages.COUNT);
      copy(
          window,
          Pages.address(pfn - window),
          target.asSlice(Pages.address(pfn - wanted.start()), Pages.address(end - pfn)));
      pfn = end;
    }
  }

  private synchronized void copy(long window, long offset, MemorySegment target)
      throws IOException {
    MemorySegment contents = windows.get(window);
    if (contents == null) {
      contents = free();
      load(window, contents);
      windows.put(window, contents);
    }
    MemorySegment.copy(contents, offset, target, 0, target.byteSize());
  }

  /** Memory for a window: of one that was not asked for longest, if there are many. */
  private MemorySegment free() {
    if (windows.size() < CACHED) {
      return arena.allocate(WindowPages.BYTES, Pages.SIZE);
    }
    Iterator<MemorySegment> oldest = windows.values().iterator();
    MemorySegment freed = oldest.next();
    oldest.remove();
    return freed.fill((byte) 0);
  }

  private void load(long window, MemorySegment contents) throws IOException {
    int found = Arrays.binarySearch(order, key(window));
    for (int i = found < 0 ? -found - 1 : found;
        i < order.length && order[i] < key(window + WindowPages.COUNT);
        i++) {
      run.readOne(store, entries, IndexReader.at((int) order[i]));
      decoder.decode(run, 0, contents);
    }
  }

  @Override
  public void close() {
    guard.close();
    arena.close();
  }
}
