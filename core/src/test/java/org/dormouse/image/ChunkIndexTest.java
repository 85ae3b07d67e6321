package org.dormouse.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.dormouse.memory.PageSet;
import org.dormouse.store.Store;
import org.dormouse.store.StoreException;
import org.junit.jupiter.api.Test;

class ChunkIndexTest {
  private static final long TEBIBYTE_PAGES = 1L << 28;

  /** One entry for each MiB, twice the memory of a bitmap of the pages: 64 MiB. */
  @Test
  void theIndexOfATebibyteIsBuiltInSecondsAndIsSmall() throws StoreException, ImageFormatException {
    try (Arena arena = Arena.ofShared();
        MemoryStore store = new MemoryStore(65 << 20)) {
      ChunkIndex index = new ChunkIndex(arena);
      MemorySegment entry = arena.allocate(IndexEntry.BYTES, 8);
      WindowPages pages = new WindowPages();
      for (int page = 0; page < WindowPages.COUNT; page++) {
        pages.add(page);
      }
      long chunks = TEBIBYTE_PAGES / WindowPages.COUNT;
      for (long chunk = 0; chunk < chunks; chunk++) {
        IndexEntry.put(entry, 0, chunk * WindowPages.COUNT, pages, 0, 64, Codec.LZ4, 5);
        index.append(entry, 1, ImageHeader.BLOCK_BYTES + chunk * 64);
      }
      assertThat(index.bytes()).isEqualTo(2 * TEBIBYTE_PAGES / 8);
      ImageBody body =
          new ImageBody(
              index.savedPages(),
              chunks,
              chunks * 64,
              ImageHeader.BLOCK_BYTES + chunks * 64,
              index.bytes(),
              index.checksum());
      // The store stands for the part of a real one that holds the index.
      index.write(store, 0);

      ChunkIndex read = ChunkIndex.read(arena, new Shifted(store, body.indexOffset()), body);
      PageSet set = PageSet.empty(arena, read.limit());
      read.addPages(set);
      assertThat(set.count()).isEqualTo(TEBIBYTE_PAGES);
    }
  }

  @Property(tries = 200)
  void windowPagesAreASet(@ForAll long seed) {
    Random random = new Random(seed);
    WindowPages pages = new WindowPages();
    BitSet model = new BitSet(WindowPages.COUNT);
    int density = 1 + random.nextInt(WindowPages.COUNT);
    for (int i = 0; i < density; i++) {
      int page = random.nextInt(WindowPages.COUNT);
      pages.add(page);
      model.set(page);
    }
    assertThat(pages.count()).isEqualTo(model.cardinality());
    assertThat(pages.last()).isEqualTo(model.length() - 1);
    for (int from = 0; from < WindowPages.COUNT; from++) {
      int next = model.nextSetBit(from);
      assertThat(pages.next(from)).isEqualTo(next < 0 ? WindowPages.COUNT : next);
      assertThat(pages.nextAbsent(from))
          .isEqualTo(Math.min(WindowPages.COUNT, model.nextClearBit(from)));
    }
    pages.clear();
    assertThat(pages.count()).isZero();
    assertThat(pages.last()).isEqualTo(-1);
    assertThat(pages.next(0)).isEqualTo(WindowPages.COUNT);
  }

  /** A store that holds only the bytes from some offset on. */
  private record Shifted(MemoryStore store, long start) implements Store {
    @Override
    public String name() {
      return store.name();
    }

    @Override
    public long size() {
      return start + store.size();
    }

    @Override
    public int sectorSize() {
      return store.sectorSize();
    }

    @Override
    public void read(long offset, MemorySegment target) throws StoreException {
      store.read(offset - start, target);
    }

    @Override
    public void write(long offset, MemorySegment source) throws StoreException {
      store.write(offset - start, source);
    }

    @Override
    public void flush() {
      store.flush();
    }

    @Override
    public void close() {
      store.close();
    }
  }
}
