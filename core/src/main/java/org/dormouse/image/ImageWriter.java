package org.dormouse.image;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;
import org.dormouse.store.Store;
import org.dormouse.store.StoreException;

/**
 * Writes an image: {@link #begin}, {@link #save} for all memory, {@link #finish}. Until {@code
 * finish} returns there is no image; closing before that leaves the store without one.
 *
 * <p>Workers pack, one thread writes, and between them goes a ring of buffers. For use by one
 * thread at a time.
 */
public final class ImageWriter implements AutoCloseable {
  /** Chunks that memory may have beyond one for each whole window: two at each edge of RAM. */
  private static final long EDGE_CHUNKS = 4096;

  private final Store store;
  private final ImageHeader header;
  private final ImageProgress progress;
  private final Arena arena = Arena.ofShared();
  private final ChunkIndex index = new ChunkIndex(arena);
  private final Ring<PackedRun> ring;
  private final List<ChunkPacker> packers = new ArrayList<>();
  private final Crew crew;
  private long position = ImageHeader.BLOCK_BYTES;
  private boolean complete;

  private ImageWriter(Store store, ImageHeader header, PipelineSize size, ImageProgress progress)
      throws InterruptedException, Ring.Stopped {
    this.store = store;
    this.header = header;
    this.progress = progress;
    List<PackedRun> runs = new ArrayList<>();
    for (int i = 0; i < size.buffers(); i++) {
      runs.add(new PackedRun(arena, size.bufferBytes()));
    }
    this.ring = new Ring<>(runs);
    MemorySegment zeros = arena.allocate(ChunkPacker.ZERO_BYTES, Pages.SIZE);
    for (int i = 0; i < size.workers(); i++) {
      packers.add(new ChunkPacker(arena, ring, zeros, progress));
    }
    this.crew = new Crew(size.workers() + 1, ring);
    crew.start(this::writeRuns);
  }

  /**
   * The bytes that an image of {@code ramPages} pages takes if none is zero and none compresses.
   */
  public static long worstCaseBytes(long ramPages) {
    // A chunk is stored in no more bytes than its pages have, and those are whole blocks: neither
    // chunks nor runs can need more through their alignment.
    long chunks = ramPages / WindowPages.COUNT + EDGE_CHUNKS;
    return ImageHeader.BLOCK_BYTES
        + Pages.address(ramPages)
        + Pages.alignUp(chunks * ChunkIndex.ENTRY_BYTES, Store.ALIGNMENT);
  }

  /**
   * Begins an image in {@code store}, whatever is there. From here on there is no other image.
   *
   * @param progress counts what is done
   * @throws StoreException if the store cannot be written
   */
  public static ImageWriter begin(
      Store store, ImageOrigin origin, WayBack wayBack, PipelineSize size, ImageProgress progress)
      throws StoreException, InterruptedException {
    ImageHeader header = ImageHeader.writing(origin, wayBack);
    Image.put(store, header);
    try {
      return new ImageWriter(store, header, size, progress);
    } catch (Ring.Stopped e) {
      throw new IllegalStateException("nobody has started yet", e);
    }
  }

  /**
   * Saves those of {@code pages} that are not all zero. Returns when {@code memory} is no longer
   * needed; what it held may then still be on its way to the store.
   *
   * @param pages no page that was saved before; cut at multiples of 256 pages where there is a
   *     choice, since a chunk does not reach over two calls
   * @param memory native memory of exactly those pages, read once or twice
   * @throws StoreException if the store fails or is too small, now or in an earlier call
   */
  public void save(PageRange pages, MemorySegment memory)
      throws StoreException, InterruptedException {
    if (memory.byteSize() != pages.bytes()) {
      throw new IllegalArgumentException(memory.byteSize() + " bytes for " + pages);
    }
    AtomicLong next = new AtomicLong(pages.start() / WindowPages.COUNT);
    List<Crew.Job> jobs = new ArrayList<>();
    for (ChunkPacker packer : packers) {
      jobs.add(() -> packWindows(packer, next, pages, memory));
    }
    crew.doAll(jobs);
    checkFailure();
  }

  /**
   * Completes the image: all data and the index are made durable, then the header says so.
   *
   * @return the header of the image
   * @throws StoreException if the store fails or is too small; there is no image then
   */
  public ImageHeader finish() throws StoreException, InterruptedException {
    packers.forEach(ChunkPacker::finish);
    ring.end();
    crew.close();
    checkFailure();
    ImageBody body =
        new ImageBody(
            index.savedPages(),
            index.count(),
            position - ImageHeader.BLOCK_BYTES,
            position,
            index.bytes(),
            index.checksum());
    long start = System.nanoTime();
    index.write(store, position);
    store.flush();
    ImageHeader completed = header.completed(body);
    Image.put(store, completed);
    progress.spent(ImageProgress.Stage.WRITE, start);
    complete = true;
    return completed;
  }

  /**
   * Ends the work. An image that was not finished is given up: the store says that it is empty.
   *
   * @throws StoreException if it cannot be made to say so; it then says that it was not finished
   */
  @Override
  public void close() throws StoreException {
    ring.fail(new Ring.Stopped());
    crew.close();
    arena.close();
    if (!complete) {
      Image.put(store, ImageHeader.empty());
    }
  }

  private void packWindows(
      ChunkPacker packer, AtomicLong next, PageRange pages, MemorySegment memory)
      throws InterruptedException, Ring.Stopped {
    while (true) {
      ring.checkRunning();
      long window = next.getAndIncrement() * WindowPages.COUNT;
      if (window >= pages.end()) {
        return;
      }
      PageRange inWindow = new PageRange(window, window + WindowPages.COUNT).intersect(pages);
      if (!inWindow.isEmpty()) {
        packer.pack(inWindow, memory, pages.start());
      }
    }
  }

  private void writeRuns() throws StoreException, InterruptedException, Ring.Stopped {
    for (Optional<PackedRun> next = ring.takeFull(); next.isPresent(); next = ring.takeFull()) {
      PackedRun run = next.get();
      write(run);
      run.clear();
      ring.putEmpty(run);
    }
  }

  private void write(PackedRun run) throws StoreException {
    MemorySegment blocks = run.blocks();
    long end = position + blocks.byteSize();
    long indexBytes = (index.count() + run.chunks()) * ChunkIndex.ENTRY_BYTES;
    checkRoom(end + Pages.alignUp(indexBytes, Store.ALIGNMENT));
    long start = System.nanoTime();
    store.write(position, blocks);
    progress.spent(ImageProgress.Stage.WRITE, start);
    progress.transferred(blocks.byteSize());
    index.append(run.entries(), run.chunks(), position);
    position = end;
  }

  private void checkRoom(long needed) throws StoreException {
    if (needed > store.size()) {
      throw new StoreException(
          String.format(
              "the store %s is too small: it has %d bytes, the image needs %d or more",
              store.name(), store.size(), needed),
          "there is no image",
          String.format(
              "name a store of %d bytes, which is always enough",
              worstCaseBytes(header.origin().ramPages())));
    }
  }

  private void checkFailure() throws StoreException {
    Optional<Throwable> failure = ring.failure();
    if (failure.isPresent()) {
      switch (failure.get()) {
        case StoreException e -> throw e;
        default ->
            throw new IllegalStateException("the writing of the image stopped", failure.get());
      }
    }
  }
}
