package org.dormouse.image;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.dormouse.memory.PageSet;
import org.dormouse.store.Store;
import org.dormouse.store.StoreException;

/**
 * Reads an image. Once open, its header and index are known to be good; its chunks are checked one
 * by one as they are read.
 *
 * <p>One thread reads the store from front to back, workers unpack, and between them goes a ring of
 * buffers. For use by one thread at a time.
 */
public final class ImageReader implements AutoCloseable {
  private final Store store;
  private final ImageHeader header;
  private final Arena arena;
  private final ChunkIndex index;

  private ImageReader(Store store, ImageHeader header, Arena arena, ChunkIndex index) {
    this.store = store;
    this.header = header;
    this.arena = arena;
    this.index = index;
  }

  /**
   * Opens an image that may be resumed.
   *
   * @throws ImageFormatException if there is none that is complete, unused and undamaged, as far as
   *     header and index tell
   * @throws StoreException if the store cannot be read
   */
  public static ImageReader open(Store store) throws StoreException, ImageFormatException {
    ImageHeader header = Image.header(store);
    Image.checkComplete(header);
    return open(store, header);
  }

  /**
   * Opens an image to look at, even if it was used before.
   *
   * @throws ImageFormatException if there is none that is complete and undamaged, as far as header
   *     and index tell
   * @throws StoreException if the store cannot be read
   */
  public static ImageReader inspect(Store store) throws StoreException, ImageFormatException {
    ImageHeader header = Image.header(store);
    if (header.state() != ImageState.CONSUMED) {
      Image.checkComplete(header);
    }
    return open(store, header);
  }

  private static ImageReader open(Store store, ImageHeader header)
      throws StoreException, ImageFormatException {
    long end = ChunkIndex.storedEnd(header.body());
    if (end > store.size()) {
      throw new ImageFormatException(
          Damage.TRUNCATED,
          String.format("it has %d bytes, the store %s only %d", end, store.name(), store.size()));
    }
    Arena arena = Arena.ofShared();
    try {
      return new ImageReader(store, header, arena, ChunkIndex.read(arena, store, header.body()));
    } catch (StoreException | ImageFormatException | RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  /** The header. */
  public ImageHeader header() {
    return header;
  }

  /** The PFN after the last page of the image; 0 if it has none. */
  public long limit() {
    return index.limit();
  }

  /**
   * The pages that are in the image; all others of the original kernel were zero, or are not the
   * image's business.
   *
   * @param arena owns the set
   * @param limit the set's limit, {@link #limit} or more
   * @throws ImageFormatException if a page is in the image twice
   */
  public PageSet pages(Arena arena, long limit) throws ImageFormatException {
    PageSet pages = PageSet.empty(arena, limit);
    index.addPages(pages);
    if (pages.count() != header.body().savedPages()) {
      throw new ImageFormatException(Damage.INDEX_DAMAGED, "a page is in two chunks");
    }
    return pages;
  }

  /**
   * Puts every page of the image in its place.
   *
   * @param progress counts what is done
   * @throws ImageFormatException if a chunk is damaged; places may have been filled with anything
   * @throws StoreException if the store cannot be read
   */
  public void restore(PageSink sink, PipelineSize size, ImageProgress progress)
      throws StoreException, ImageFormatException, InterruptedException {
    readAll(size, progress, (opener, chunk, stored) -> opener.place(chunk, stored, sink));
  }

  /**
   * Checks every chunk and puts nothing anywhere.
   *
   * @param progress counts what is done
   * @throws ImageFormatException if a chunk is damaged
   * @throws StoreException if the store cannot be read
   */
  public void verify(PipelineSize size, ImageProgress progress)
      throws StoreException, ImageFormatException, InterruptedException {
    readAll(size, progress, ChunkOpener::check);
  }

  /** Frees the index; the store stays open. */
  @Override
  public void close() {
    arena.close();
  }

  /** What becomes of a chunk. */
  private interface Use {
    void of(ChunkOpener opener, long chunk, MemorySegment stored) throws ImageFormatException;
  }

  private void readAll(PipelineSize size, ImageProgress progress, Use use)
      throws StoreException, ImageFormatException, InterruptedException {
    Ring<StoredRun> ring;
    try (Arena buffers = Arena.ofShared()) {
      ring = new Ring<>(runs(buffers, size));
      List<Crew.Job> jobs = new ArrayList<>();
      jobs.add(() -> readRuns(ring, progress));
      for (int i = 0; i < size.workers(); i++) {
        ChunkOpener opener = new ChunkOpener(buffers, index, progress);
        jobs.add(() -> openRuns(ring, opener, use));
      }
      try (Crew crew = new Crew(jobs.size(), ring)) {
        crew.doAll(jobs);
      }
    }
    checkFailure(ring);
  }

  private static List<StoredRun> runs(Arena buffers, PipelineSize size) {
    List<StoredRun> runs = new ArrayList<>();
    for (int i = 0; i < size.buffers(); i++) {
      runs.add(new StoredRun(buffers, size.bufferBytes()));
    }
    return runs;
  }

  private void readRuns(Ring<StoredRun> ring, ImageProgress progress)
      throws StoreException, InterruptedException, Ring.Stopped {
    for (long chunk = 0; chunk < index.count(); ) {
      StoredRun run = ring.takeEmpty();
      long start = System.nanoTime();
      progress.transferred(run.read(store, index, chunk));
      progress.spent(ImageProgress.Stage.READ, start);
      chunk = run.endChunk();
      ring.putFull(run);
    }
    ring.end();
  }

  private void openRuns(Ring<StoredRun> ring, ChunkOpener opener, Use use)
      throws ImageFormatException, InterruptedException, Ring.Stopped {
    for (Optional<StoredRun> next = ring.takeFull(); next.isPresent(); next = ring.takeFull()) {
      StoredRun run = next.get();
      for (long chunk = run.firstChunk(); chunk < run.endChunk(); chunk++) {
        use.of(opener, chunk, run.stored(index, chunk));
      }
      ring.putEmpty(run);
    }
  }

  private static void checkFailure(Ring<?> ring) throws StoreException, ImageFormatException {
    Optional<Throwable> failure = ring.failure();
    if (failure.isPresent()) {
      switch (failure.get()) {
        case StoreException e -> throw e;
        case ImageFormatException e -> throw e;
        default ->
            throw new IllegalStateException("the reading of the image stopped", failure.get());
      }
    }
  }
}
