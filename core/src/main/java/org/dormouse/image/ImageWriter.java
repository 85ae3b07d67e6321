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
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;
import org.dormouse.seal.ImageKey;
import org.dormouse.store.Store;
import org.dormouse.text.KeyValues;
import org.dormouse.text.ReportException;

/**
 * Writes an image: {@link #begin}, {@link #save}, {@link #finish}. Until {@code finish} returns
 * there is no image; closing before that leaves the store without one.
 *
 * <p>Workers encode, each the next window when it has done one; one thread writes; between them
 * goes a pool of buffers. For use by one thread at a time.
 */
public final class ImageWriter implements AutoCloseable {
  /** Windows that memory may have beyond its whole ones: two at each edge of RAM. */
  private static final long EDGE_WINDOWS = 4096;

  /** Runs that are written before they are full, one of each worker: more than there ever are. */
  private static final long LAST_RUNS = 64;

  private final Store store;
  private final ImageHeader header;
  private final ImageDescription description;
  private final ImageProgress progress;
  private final Arena arena = Arena.ofShared();
  private final Optional<ImageSeal> seal;
  private final IndexGuard indexGuard;
  private final List<ChunkGuard> chunkGuards = new ArrayList<>();
  private final IndexWriter index;
  private final BufferPool<RunBuffer> pool;
  private final List<ChunkEncoder> encoders = new ArrayList<>();
  private final Workers storeWriter;
  private long position;
  private String detailsTag = "";
  private boolean complete;

  private ImageWriter(
      Store store,
      ImageHeader header,
      ImageDescription description,
      PipelineSize size,
      Optional<ImageSeal> seal,
      ImageProgress progress)
      throws ReportException {
    this.store = store;
    this.seal = seal;
    this.header = header;
    this.description = description;
    this.progress = progress;
    this.position = description.dataOffset();
    this.indexGuard = ImageSeal.index(seal, SealLines.Tags.NO_INDEX);
    this.index = new IndexWriter(arena, indexGuard);
    List<RunBuffer> buffers = new ArrayList<>();
    for (int i = 0; i < size.buffers(); i++) {
      buffers.add(new RunBuffer(arena, size.bufferBytes()));
    }
    this.pool = new BufferPool<>(buffers.subList(size.workers(), size.buffers()));
    MemorySegment zeros = arena.allocate(ChunkEncoder.ZERO_BYTES, Pages.SIZE);
    for (int i = 0; i < size.workers(); i++) {
      ChunkGuard guard = ImageSeal.chunks(seal);
      chunkGuards.add(guard);
      encoders.add(new ChunkEncoder(arena, pool, buffers.get(i), zeros, size, guard, progress));
    }
    this.storeWriter = new Workers(pool);
    storeWriter.start("image-store", this::writeRuns);
  }

  /**
   * The size in bytes of a store that holds an image of {@code pages} pages, also if none is zero
   * and none compresses.
   */
  public static long worstCaseBytes(SaverFiles files, long pages) {
    return worstCaseBytes(files.dataOffset(), pages);
  }

  /** The same for an image whose data begins at {@code dataOffset}, in bytes. */
  public static long worstCaseBytes(long dataOffset, long pages) {
    // A chunk is stored in no more bytes than its pages have, and those are whole blocks: neither
    // chunks nor runs can need more through their alignment. A window may have three chunks, if
    // some of its zero pages are known to be zero.
    long chunks = 3 * (pages / WindowPages.COUNT + EDGE_WINDOWS);
    long segments = chunks / IndexSegment.MOST_ENTRIES + 1;
    return dataOffset
        + Pages.address(pages)
        + Pages.alignUp(chunks * IndexEntry.BYTES, Store.ALIGNMENT)
        + segments * (IndexSegment.HEAD_BYTES + Store.ALIGNMENT);
  }

  /** How many bytes more an image of {@code pages} pages may take if it is sealed. */
  public static long sealBytes(long pages) {
    // What a chunk gets longer takes up to 64 bytes, since the next one begins at a multiple of
    // those. A run takes a block more; but for the last ones it has two whole windows or as many
    // chunks as there may be. That of a segment is no more than its last block has room for.
    long chunks = 2 * (pages / WindowPages.COUNT + EDGE_WINDOWS);
    long runs = pages / (2 * WindowPages.COUNT) + chunks / RunBuffer.FULL_RUN_CHUNKS + LAST_RUNS;
    return chunks * RunBuffer.CHUNK_ALIGNMENT + (runs + 1) * Store.ALIGNMENT;
  }

  /**
   * Begins an image in a store that was claimed for it. Writes nothing yet.
   *
   * @param claimed the header that {@link Image#claim} left
   * @param progress counts what is done
   * @throws ImageFormatException if the store was not claimed, or its description is lost
   * @throws ReportException if it was claimed for a sealed image
   */
  public static ImageWriter begin(
      Store store, ImageHeader claimed, PipelineSize size, ImageProgress progress)
      throws ReportException {
    return begin(store, claimed, Optional.empty(), size, progress);
  }

  /**
   * The same for an image that may be sealed.
   *
   * @param key that with which the store was claimed, if it was; not closed before this writer
   * @throws ReportException also if it was claimed with a key and none is given, or the other way
   *     round
   */
  public static ImageWriter begin(
      Store store,
      ImageHeader claimed,
      Optional<ImageKey> key,
      PipelineSize size,
      ImageProgress progress)
      throws ReportException {
    if (claimed.state() != ImageState.WRITING) {
      throw new ImageFormatException(
          Damage.NOT_COMPLETE, store.name() + " is " + claimed.state() + ", not claimed");
    }
    ImageDescription description =
        claimed
            .description()
            .orElseThrow(
                () ->
                    new ImageFormatException(
                        Damage.HEADER_DAMAGED, "it does not describe the image to be written"));
    if (claimed.seal().isPresent() != key.isPresent()) {
      throw new ReportException(
          key.isPresent()
              ? "the store was claimed for an image that is not sealed"
              : "the store was claimed for a sealed image, and its key is missing",
          "There is no image.",
          "Please report this.");
    }
    Optional<ImageSeal> seal =
        claimed.seal().map(s -> new ImageSeal(s.cipher(), key.orElseThrow(), claimed.image()));
    return new ImageWriter(store, claimed, description, size, seal, progress);
  }

  /** The same as {@link #save(Frames, PageSet, PageSet)} where nothing else may be leased. */
  public void save(Frames frames, PageSet pages) throws IOException, InterruptedException {
    save(frames, pages, pages);
  }

  /**
   * Saves {@code pages}. Returns when their frames are no longer needed; what they held may then
   * still be on its way to the store.
   *
   * @param pages no page that was saved before
   * @param reachable what may be leased along with them, though it is not looked at: with all RAM
   *     in it, the frames of a window are leased at once
   * @throws ReportException if the store fails or is too small, now or in an earlier call
   * @throws IOException if frames cannot be leased
   */
  public void save(Frames frames, PageSet pages, PageSet reachable)
      throws IOException, InterruptedException {
    WindowFrames windows = new WindowFrames(frames, reachable);
    eachWindow(pages, (encoder, window) -> encoder.encode(window, pages, windows));
  }

  /**
   * Says of {@code pages} that they are zero; nothing looks at them.
   *
   * @param pages no page that was saved before
   * @throws ReportException if the store fails or is too small, now or in an earlier call
   */
  public void saveZeros(PageSet pages) throws IOException, InterruptedException {
    eachWindow(pages, (encoder, window) -> encoder.encodeZeros(window, pages));
  }

  /** What a worker does with a window. */
  private interface Task {
    void of(ChunkEncoder encoder, long window)
        throws IOException, InterruptedException, BufferPool.Stopped;
  }

  private void eachWindow(PageSet pages, Task task) throws IOException, InterruptedException {
    WindowCursor cursor = new WindowCursor(pages);
    try (Workers workers = new Workers(pool)) {
      for (ChunkEncoder encoder : encoders) {
        workers.start("image-encoder", () -> eachWindow(encoder, cursor, task));
      }
      workers.await();
    }
    checkFailure();
  }

  private static void eachWindow(ChunkEncoder encoder, WindowCursor cursor, Task task)
      throws IOException, InterruptedException, BufferPool.Stopped {
    for (long window = cursor.next(); window != WindowCursor.END; window = cursor.next()) {
      task.of(encoder, window);
    }
  }

  /**
   * Completes the image: data, index, details and description are made durable, then the state says
   * so.
   *
   * @param jumpBackEntry the physical address to jump to when all is restored; of no meaning if the
   *     image is only to be read, and becomes a dump
   * @param freePages how many pages of RAM were left out since they may hold anything
   * @param details what else there is to know at a wake, at most {@link ImageBody#DETAILS_BYTES}
   * @return the header of the image
   * @throws ReportException if the store fails or is too small; there is no image then
   */
  public ImageHeader finish(long jumpBackEntry, long freePages, String details)
      throws IOException, InterruptedException {
    encoders.forEach(ChunkEncoder::finish);
    pool.end();
    storeWriter.await();
    checkFailure();
    long start = System.nanoTime();
    if (index.hasEntries()) {
      writeSegment();
    }
    StoredBytes storedDetails = writeDetails(details);
    long dataOffset = description.dataOffset();
    ImageBody body =
        new ImageBody(
            index.savedPages(),
            index.zeroPages(),
            freePages,
            index.chunks(),
            index.last(),
            index.chunks() == 0 ? 0 : index.last().end() - dataOffset,
            storedDetails);
    ImageHeader completed =
        Image.commit(
            store,
            header,
            description.wake().isPresent() ? ImageState.COMPLETE : ImageState.DUMP,
            sealed(description.withJumpBackEntry(jumpBackEntry).lines().withAll(body.lines())));
    progress.spent(ImageProgress.Stage.WRITE, start);
    complete = true;
    return completed;
  }

  /** The lines of a description, sealed if the image is. */
  private KeyValues sealed(KeyValues lines) throws ReportException {
    if (seal.isEmpty()) {
      return lines;
    }
    SealLines.Tags tags =
        new SealLines.Tags(
            indexGuard instanceof IndexGuard.Sealed sealed ? sealed.tag() : "", detailsTag);
    SealLines seals = header.seal().orElseThrow().withTags(tags);
    return seal.get().vouch(lines.withAll(seals.lines()));
  }

  /**
   * Ends the work. An image that was not finished is given up: the store says that it is empty.
   *
   * @throws ReportException if it cannot be made to say so. It then says that it was not finished;
   *     only if {@link #finish} failed too, at its very end, it may say that it is complete
   */
  @Override
  public void close() throws ReportException {
    storeWriter.close();
    chunkGuards.forEach(ChunkGuard::close);
    indexGuard.close();
    arena.close();
    if (!complete) {
      Image.discard(store, "the save was not finished");
    }
  }

  private StoredBytes writeDetails(String details) throws ReportException {
    byte[] text = details.getBytes(StandardCharsets.UTF_8);
    if (text.length > ImageBody.DETAILS_BYTES) {
      throw new IllegalArgumentException("details of " + text.length + " bytes");
    }
    int length = text.length + (seal.isPresent() ? PieceCipher.EXTRA_BYTES : 0);
    MemorySegment blocks = arena.allocate(Pages.alignUp(length, Store.ALIGNMENT), Store.ALIGNMENT);
    MemorySegment.copy(text, 0, blocks, ValueLayout.JAVA_BYTE, 0, text.length);
    MemorySegment stored = blocks.asSlice(0, length);
    if (seal.isPresent()) {
      seal.get().sealDetails(blocks, text.length);
      detailsTag = PieceCipher.tag(stored);
    }
    if (length != 0) {
      store.write(ImageBody.DETAILS_OFFSET, blocks);
    }
    return new StoredBytes(ImageBody.DETAILS_OFFSET, length, Xxh64.of(stored));
  }

  private void writeRuns() throws ReportException, InterruptedException, BufferPool.Stopped {
    for (Optional<RunBuffer> next = pool.takeFull(); next.isPresent(); next = pool.takeFull()) {
      RunBuffer run = next.get();
      write(run);
      run.clear();
      pool.putEmpty(run);
    }
  }

  private void write(RunBuffer run) throws ReportException {
    MemorySegment blocks = run.blocks();
    long runOffset = position;
    if (blocks.byteSize() != 0) {
      checkRoom(position + blocks.byteSize() + index.blockBytes(run.chunks()));
      long start = System.nanoTime();
      store.write(position, blocks);
      progress.spent(ImageProgress.Stage.WRITE, start);
      progress.transferred(blocks.byteSize());
      position += blocks.byteSize();
    }
    for (int chunk = 0; chunk < run.chunks(); chunk++) {
      if (index.isFull()) {
        writeSegment();
      }
      index.add(run, chunk, runOffset);
    }
  }

  private void writeSegment() throws ReportException {
    checkRoom(position + index.blockBytes(0));
    position = index.write(store, position).blocksEnd();
  }

  private void checkRoom(long needed) throws ReportException {
    if (needed > store.size()) {
      throw new ReportException(
          String.format(
              "the store %s is too small: it has %d bytes, the image needs %d or more",
              store.name(), store.size(), needed),
          "There is no image.",
          String.format(
              "Name a store of %d bytes, which is always enough.",
              worstCaseBytes(description.dataOffset(), description.ramPages())));
    }
  }

  private void checkFailure() throws IOException {
    Optional<Throwable> failure = pool.failure();
    if (failure.isPresent()) {
      switch (failure.get()) {
        case IOException e -> throw e;
        default ->
            throw new IllegalStateException("the writing of the image stopped", failure.get());
      }
    }
  }
}
