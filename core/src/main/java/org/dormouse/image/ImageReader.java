package org.dormouse.image;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.dormouse.codec.Xxh64;
import org.dormouse.memory.Frames;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.seal.ImageKey;
import org.dormouse.store.Store;
import org.dormouse.text.ReportException;

/**
 * Reads an image. Once open, its header is known to be good; index and chunks are checked as they
 * are read.
 *
 * <p>One thread reads the store, workers decode, and between them goes a pool of buffers. Nothing
 * is kept open between calls. For use by one thread at a time.
 */
public final class ImageReader {
  private final Store store;
  private final ImageHeader header;
  private final ImageDescription description;
  private final ImageBody body;

  private final Optional<ImageSeal> seal;

  private ImageReader(
      Store store,
      ImageHeader header,
      ImageDescription description,
      ImageBody body,
      Optional<ImageSeal> seal) {
    this.store = store;
    this.seal = seal;
    this.header = header;
    this.description = description;
    this.body = body;
  }

  /**
   * Opens an image that may be restored.
   *
   * @throws ImageFormatException if there is none that is complete, unused and undamaged, as far as
   *     its header tells
   * @throws ReportException if the store cannot be read, or the image is sealed
   */
  public static ImageReader open(Store store) throws ReportException {
    return open(store, Optional.empty());
  }

  /**
   * The same for an image that may be sealed.
   *
   * @param key that of the image if it is; not closed as long as this reader is used
   */
  public static ImageReader open(Store store, Optional<ImageKey> key) throws ReportException {
    try (Arena arena = Arena.ofConfined()) {
      HeaderBlock block = HeaderBlock.read(arena, store);
      ImageHeader header = block.decode();
      Image.checkComplete(header.state(), header.image());
      return open(store, block, header, key);
    }
  }

  /**
   * Opens an image to look at, even if it was used before or refused, or is a dump.
   *
   * @throws ImageFormatException if there is none that is complete and undamaged, as far as its
   *     header tells
   * @throws ReportException if the store cannot be read, or the image is sealed
   */
  public static ImageReader inspect(Store store) throws ReportException {
    return inspect(store, Optional.empty());
  }

  /** The same for an image that may be sealed: see {@link #open(Store, Optional)}. */
  public static ImageReader inspect(Store store, Optional<ImageKey> key) throws ReportException {
    try (Arena arena = Arena.ofConfined()) {
      HeaderBlock block = HeaderBlock.read(arena, store);
      ImageHeader header = block.decode();
      switch (header.state()) {
        case CONSUMED, REFUSED, DUMP -> {}
        case COMPLETE, EMPTY, WRITING -> Image.checkComplete(header.state(), header.image());
      }
      return open(store, block, header, key);
    }
  }

  private static ImageReader open(
      Store store, HeaderBlock block, ImageHeader header, Optional<ImageKey> key)
      throws ReportException {
    ImageReader reader =
        new ImageReader(
            store,
            header,
            present(header.description()),
            present(header.body()),
            seal(block, header, key));
    long end = reader.body.blocksEnd(reader.description.dataOffset());
    if (end > store.size()) {
      throw new ImageFormatException(
          Damage.TRUNCATED,
          String.format("it has %d bytes, the store %s only %d", end, store.name(), store.size()));
    }
    return reader;
  }

  /** What opens the image's parts, if it is sealed; then the description is checked. */
  private static Optional<ImageSeal> seal(
      HeaderBlock block, ImageHeader header, Optional<ImageKey> key) throws ReportException {
    if (header.seal().isEmpty()) {
      return Optional.empty();
    }
    if (key.isEmpty()) {
      throw new ReportException(
          "the image " + header.image() + " is sealed",
          "Nothing of it was read; the store is as it was.",
          "Its key is in the key file, or behind the passphrase, of the machine that made it.");
    }
    ImageSeal seal = new ImageSeal(header.seal().get().cipher(), key.get(), header.image());
    seal.check(block.vouched());
    return Optional.of(seal);
  }

  private static <T> T present(Optional<T> part) throws ImageFormatException {
    return part.orElseThrow(
        () -> new ImageFormatException(Damage.HEADER_DAMAGED, "it does not describe the image"));
  }

  /** The header. */
  public ImageHeader header() {
    return header;
  }

  /** What the header says of the original kernel and the saver. */
  public ImageDescription description() {
    return description;
  }

  /**
   * What restores the image.
   *
   * @throws ImageFormatException if the image is only to be read
   */
  public WakeDescription wake() throws ImageFormatException {
    return present(description.wake());
  }

  /** What the header says of the image. */
  public ImageBody body() {
    return body;
  }

  /**
   * The details that were given when the image was completed.
   *
   * @throws ImageFormatException if they are damaged
   * @throws ReportException if the store cannot be read
   */
  public String details() throws ReportException {
    StoredBytes details = body.details();
    try (Arena arena = Arena.ofConfined()) {
      long blocks = details.blocksEnd() - details.offset();
      MemorySegment memory = arena.allocate(blocks, Store.ALIGNMENT);
      if (!details.isNone()) {
        store.read(details.offset(), memory);
      }
      MemorySegment text = memory.asSlice(0, details.length());
      if (Xxh64.of(text) != details.checksum()) {
        throw new ImageFormatException(
            Damage.DETAILS_DAMAGED,
            String.format(
                "%d bytes at byte %d of %s do not match their checksum",
                details.length(), details.offset(), store.name()));
      }
      return new String(open(text).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
    }
  }

  /** What details are that were stored so. */
  private MemorySegment open(MemorySegment stored) throws ReportException {
    if (seal.isEmpty()) {
      return stored;
    }
    if (stored.byteSize() < PieceCipher.EXTRA_BYTES) {
      throw new ImageFormatException(Damage.DETAILS_DAMAGED, "they are too short to be sealed");
    }
    PieceCipher.Verdict verdict = seal.get().openDetails(stored, tags().details());
    if (verdict != PieceCipher.Verdict.GOOD) {
      throw ImageFormatException.of(
          verdict, Damage.DETAILS_DAMAGED, "the details are not what was written");
    }
    return PieceCipher.plain(stored);
  }

  private SealLines.Tags tags() throws ImageFormatException {
    return present(header.seal().flatMap(SealLines::tags));
  }

  /**
   * Checks the index, and that every frame of the image may be written.
   *
   * @param permitted the frames that may be written, RAM of the original kernel; not to be changed
   *     as long as the plan is used
   * @throws ImageFormatException if the index is damaged, or a page is not permitted or comes twice
   * @throws ReportException if the store cannot be read
   */
  public Plan plan(PageSet permitted) throws ReportException {
    checkPermitted(permitted);
    return new Plan(permitted);
  }

  /** A restore of which it is known that it writes no frame that it must not write. */
  public final class Plan {
    private final PageSet permitted;

    private Plan(PageSet permitted) {
      this.permitted = permitted;
    }

    /**
     * Fills every frame of the image, and zeroes those that must be zero.
     *
     * @param progress counts what is done
     * @throws ImageFormatException if a chunk is damaged; frames may have been filled with anything
     * @throws ReportException if the store cannot be read
     * @throws IOException if frames cannot be leased
     */
    public void restore(Frames frames, PipelineSize size, ImageProgress progress)
        throws IOException, InterruptedException {
      WindowFrames windows = new WindowFrames(frames, permitted);
      readAll(size, progress, (decoder, run, chunk) -> decoder.decode(run, chunk, windows));
    }
  }

  /**
   * Checks every chunk and the details, and fills no frame.
   *
   * @param progress counts what is done
   * @throws ImageFormatException if something is damaged
   * @throws ReportException if the store cannot be read
   */
  public void verify(PipelineSize size, ImageProgress progress)
      throws IOException, InterruptedException {
    details();
    readAll(size, progress, ChunkDecoder::check);
  }

  private void checkPermitted(PageSet permitted) throws ReportException {
    try (Arena arena = Arena.ofConfined();
        IndexGuard guard = indexGuard()) {
      PageSet left = permitted.copy(arena);
      remove(left, wake().saverRegion());
      remove(left, wake().lowMemory());
      WindowPages pages = new WindowPages();
      IndexReader index = index(arena, guard);
      while (index.advance()) {
        for (int entry = 0; entry < index.count(); entry++) {
          int at = IndexReader.at(entry);
          long window = IndexEntry.window(index.table(), at);
          IndexEntry.pages(index.table(), at, pages);
          if (!pages.takeFrom(left, window)) {
            throw IndexReader.damaged(
                String.format(
                    "a page in PFN %#x to %#x comes twice, or is no memory of the machine",
                    window + pages.next(0), window + pages.last()));
          }
        }
      }
    }
  }

  /**
   * Opens the image's pages in any order.
   *
   * @throws ImageFormatException if the index is damaged, or the image spans more than 4 TiB
   * @throws ReportException if the store cannot be read
   */
  public ImagePages pages() throws IOException {
    try (Arena arena = Arena.ofConfined();
        IndexGuard guard = indexGuard()) {
      return new ImagePages(store, index(arena, guard), ImageSeal.chunks(seal));
    }
  }

  private static void remove(PageSet set, PageRange range) {
    set.remove(range.intersect(new PageRange(0, set.limit())));
  }

  private IndexReader index(Arena arena, IndexGuard guard) {
    return new IndexReader(arena, store, body, description.dataOffset(), guard);
  }

  private IndexGuard indexGuard() throws ReportException {
    return ImageSeal.index(seal, seal.isPresent() ? tags().index() : "");
  }

  /** What becomes of a chunk. */
  private interface Use {
    void of(ChunkDecoder decoder, RunBuffer run, int chunk) throws IOException;
  }

  private void readAll(PipelineSize size, ImageProgress progress, Use use)
      throws IOException, InterruptedException {
    BufferPool<RunBuffer> pool;
    List<ChunkGuard> guards = new ArrayList<>();
    try (Arena arena = Arena.ofShared();
        IndexGuard guard = indexGuard()) {
      List<RunBuffer> buffers = new ArrayList<>();
      for (int i = 0; i < size.buffers(); i++) {
        buffers.add(new RunBuffer(arena, size.bufferBytes()));
      }
      pool = new BufferPool<>(buffers);
      IndexReader index = index(arena, guard);
      try (Workers workers = new Workers(pool)) {
        workers.start("image-store", () -> readRuns(pool, index, progress));
        for (int i = 0; i < size.workers(); i++) {
          ChunkGuard chunks = ImageSeal.chunks(seal);
          guards.add(chunks);
          ChunkDecoder decoder = new ChunkDecoder(arena, chunks, progress);
          workers.start("image-decoder", () -> decodeRuns(pool, decoder, use));
        }
        workers.await();
      } finally {
        guards.forEach(ChunkGuard::close);
      }
    }
    checkFailure(pool);
  }

  private void readRuns(BufferPool<RunBuffer> pool, IndexReader index, ImageProgress progress)
      throws ReportException, InterruptedException, BufferPool.Stopped {
    while (index.advance()) {
      for (int entry = 0; entry < index.count(); ) {
        RunBuffer run = pool.takeEmpty();
        long start = System.nanoTime();
        progress.transferred(run.read(store, index, entry));
        progress.spent(ImageProgress.Stage.READ, start);
        entry += run.chunks();
        pool.putFull(run);
      }
    }
    pool.end();
  }

  private static void decodeRuns(BufferPool<RunBuffer> pool, ChunkDecoder decoder, Use use)
      throws IOException, InterruptedException, BufferPool.Stopped {
    for (Optional<RunBuffer> next = pool.takeFull(); next.isPresent(); next = pool.takeFull()) {
      RunBuffer run = next.get();
      for (int chunk = 0; chunk < run.chunks(); chunk++) {
        use.of(decoder, run, chunk);
      }
      pool.putEmpty(run);
    }
  }

  private static void checkFailure(BufferPool<?> pool) throws IOException {
    Optional<Throwable> failure = pool.failure();
    if (failure.isPresent()) {
      switch (failure.get()) {
        case IOException e -> throw e;
        default ->
            throw new IllegalStateException("the reading of the image stopped", failure.get());
      }
    }
  }
}
