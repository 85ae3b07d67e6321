package org.dormouse.dump;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.dormouse.codec.Comparison;
import org.dormouse.memory.Frames;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;

/**
 * Writes kdump-compressed files, version 6: what crash, drgn, libkdumpfile and makedumpfile read.
 *
 * <p>Threads compress batches of pages. Each descriptor has its fixed place; the data lies in the
 * order of the pages. So the same memory gives the same file, whatever the number of threads. The
 * headers are written last: until then the file is none of that kind. Besides the bitmaps, memory
 * is bounded by the number of threads, 5 MiB each.
 */
public final class KdumpWriter {
  /** What the pages' data is compressed with. */
  public enum Compression {
    NONE(KdumpHeader.RAW, PageCompressor.None::new),
    /** What every reader knows, and slow: some 100 MB/s for each thread. */
    ZLIB(KdumpHeader.ZLIB, PageCompressor.Zlib::new),
    /** Several times as fast. For crash 8.0, makedumpfile 1.7.1, libkdumpfile 0.4.1 and later. */
    ZSTD(KdumpHeader.ZSTD, PageCompressor.Zstandard::new);

    private final int flag;

    @SuppressWarnings("ImmutableEnumChecker") // a constructor
    private final Supplier<PageCompressor> compressor;

    Compression(int flag, Supplier<PageCompressor> compressor) {
      this.flag = flag;
      this.compressor = compressor;
    }
  }

  /**
   * How a file is written.
   *
   * @param compression of its pages
   * @param threads that compress and write, 1 or more
   * @param dumpLevel which kinds of pages the contents lack, for those who read the file: the sum
   *     that {@code makedumpfile -d} takes
   */
  public record Options(Compression compression, int threads, int dumpLevel) {
    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException without a thread, or with a level outside of 0 to 31
     */
    public Options {
      if (threads < 1 || dumpLevel < 0 || dumpLevel > 31) {
        throw new IllegalArgumentException(threads + " threads, level " + dumpLevel);
      }
    }
  }

  private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED;

  // struct page_desc
  private static final int D_SIZE = 8;
  private static final int D_FLAGS = 12;

  private final CoreContents contents;
  private final Options options;
  private final LongConsumer progress;
  private final OutputFile file;
  private final KdumpHeader header;

  /** Every page that is in the file. */
  private final PageSet dumped;

  /** Where the page of zeros lies that all pages of zeros share. */
  private final long zeros;

  private KdumpWriter(
      CoreContents contents,
      Options options,
      LongConsumer progress,
      OutputFile file,
      KdumpHeader header,
      PageSet dumped) {
    this.contents = contents;
    this.options = options;
    this.progress = progress;
    this.file = file;
    this.header = header;
    this.dumped = dumped;
    this.zeros = header.descriptors() + dumped.count() * KdumpHeader.DESCRIPTOR_BYTES;
  }

  /**
   * Writes a file.
   *
   * @param path where there is no file yet; after an error there is none either
   * @param progress is told, by any thread, how many further pages have been written
   * @throws IOException if memory cannot be read, or the file not be written
   */
  public static void write(CoreContents contents, Path path, Options options, LongConsumer progress)
      throws IOException, InterruptedException {
    try (Arena arena = Arena.ofShared();
        OutputFile file = OutputFile.create(path)) {
      PageSet dumped = contents.presence().stored().copy(arena);
      dumped.addAll(contents.presence().zero());
      KdumpHeader header = header(contents, options);
      new KdumpWriter(contents, options, progress, file, header, dumped).write();
      file.finish();
    }
  }

  private static KdumpHeader header(CoreContents contents, Options options) {
    byte[] notes = contents.description().notes();
    CoreNotes content = new CoreNotes(notes);
    return new KdumpHeader(
        options.compression().flag,
        (int) Pages.holding(KdumpHeader.SUB_HEADER_BYTES + notes.length),
        KdumpHeader.bitmapBlocks(contents.limit()),
        contents.limit(),
        content.processors(),
        CoreNotes.physBase(contents.description()),
        options.dumpLevel(),
        content
            .vmcoreInfo()
            .map(
                note ->
                    new KdumpHeader.Stretch(
                        (long) KdumpHeader.BYTES + note.contents(), note.contentBytes()))
            .orElse(KdumpHeader.Stretch.NONE),
        new KdumpHeader.Stretch(KdumpHeader.BYTES, notes.length));
  }

  private void write() throws IOException, InterruptedException {
    file.write(zeros, MemorySegment.ofArray(new byte[Pages.SIZE]));
    writePages();
    try (Arena arena = Arena.ofConfined()) {
      writeBitmap(header.bitmaps(), PageSet.of(arena, contents.limit(), contents.ram()));
    }
    writeBitmap(header.bitmaps() + header.bitmapBytes(), dumped);
    byte[] notes = contents.description().notes();
    file.write(KdumpHeader.BYTES, MemorySegment.ofArray(notes));
    MemorySegment first = MemorySegment.ofArray(new byte[KdumpHeader.BYTES]);
    header.write(first, SystemName.of(contents));
    file.write(0, first);
  }

  private void writePages() throws IOException, InterruptedException {
    PageWalk walk = new PageWalk(dumped, zeros + Pages.SIZE);
    WorkerThreads.run(
        options.threads(),
        walk,
        () -> {
          try (Worker worker = new Worker()) {
            worker.work(walk);
          }
        });
  }

  /** A bit for each page, the first in the lowest bit of the first byte. */
  private void writeBitmap(long offset, PageSet pages) throws IOException {
    MemorySegment block = MemorySegment.ofArray(new byte[KdumpHeader.BLOCK]);
    for (long done = 0; done < header.bitmapBytes(); done += KdumpHeader.BLOCK) {
      for (int at = 0; at < KdumpHeader.BLOCK; at += Long.BYTES) {
        block.set(U64, at, pages.bits((done + at) * Byte.SIZE));
      }
      file.write(offset + done, block);
    }
  }

  /** What one thread needs to make data and descriptors of batches. */
  private final class Worker implements AutoCloseable {
    private final Arena arena = Arena.ofConfined();
    private final PageCompressor compressor = options.compression().compressor.get();
    private final MemorySegment zeroPage = arena.allocate(Pages.SIZE);
    private final MemorySegment data =
        arena.allocate(
            Pages.address(PageWalk.MOST_PAGES - 1) + PageCompressor.MOST_BYTES, Pages.SIZE);
    private final MemorySegment descriptors =
        arena.allocate((long) PageWalk.MOST_PAGES * KdumpHeader.DESCRIPTOR_BYTES, Long.BYTES);

    /** How long the data of each page of the batch is; nothing for a page of zeros. */
    private final int[] sizes = new int[PageWalk.MOST_PAGES];

    private int pages;
    private long dataBytes;

    void work(PageWalk walk) throws IOException, InterruptedException, PageWalk.Stopped {
      for (Optional<PageWalk.Batch> next = walk.next(); next.isPresent(); next = walk.next()) {
        PageWalk.Batch batch = next.get();
        gather(batch.span());
        long place = walk.place(batch, dataBytes);
        file.write(place, data.asSlice(0, dataBytes));
        describe(place);
        file.write(
            header.descriptors() + batch.rank() * KdumpHeader.DESCRIPTOR_BYTES,
            descriptors.asSlice(0, (long) pages * KdumpHeader.DESCRIPTOR_BYTES));
        progress.accept(pages);
      }
    }

    private void gather(PageRange span) throws IOException {
      pages = 0;
      dataBytes = 0;
      long pfn = dumped.next(span.start());
      while (pfn < span.end()) {
        long run = contents.presence().stored().runFrom(pfn, span.end() - pfn);
        if (run == 0) {
          sizes[pages++] = 0;
          pfn = dumped.next(pfn + 1);
        } else {
          gatherStored(new PageRange(pfn, pfn + run));
          pfn = dumped.next(pfn + run);
        }
      }
    }

    private void gatherStored(PageRange run) throws IOException {
      try (Frames.Lease lease = contents.frames().lease(run)) {
        for (long at = 0; at < run.bytes(); at += Pages.SIZE) {
          MemorySegment page = lease.memory().asSlice(at, Pages.SIZE);
          int size = Comparison.startsWith(page, zeroPage) ? 0 : put(page);
          sizes[pages++] = size;
          dataBytes += size;
        }
      }
    }

    private int put(MemorySegment page) {
      MemorySegment target = data.asSlice(dataBytes, PageCompressor.MOST_BYTES);
      int size = compressor.compress(page, target);
      if (size == 0) {
        target.copyFrom(page);
        return Pages.SIZE;
      }
      return size;
    }

    /** Descriptors of the batch, whose data begins at {@code place} in the file. */
    private void describe(long place) {
      long offset = place;
      for (int i = 0; i < pages; i++) {
        long at = (long) i * KdumpHeader.DESCRIPTOR_BYTES;
        int size = sizes[i];
        descriptors.set(U64, at, size == 0 ? zeros : offset);
        descriptors.set(U32, at + D_SIZE, size == 0 ? Pages.SIZE : size);
        boolean raw = size == 0 || size == Pages.SIZE;
        descriptors.set(U32, at + D_FLAGS, raw ? KdumpHeader.RAW : options.compression().flag);
        offset += size;
      }
    }

    @Override
    public void close() {
      compressor.close();
      arena.close();
    }
  }
}
