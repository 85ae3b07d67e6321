package org.dormouse.image;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;

/** What one worker does when an image is read: it checks chunks and puts their pages in place. */
final class ChunkOpener {
  private final ChunkIndex index;
  private final ImageProgress progress;
  private final MemorySegment unpacked;
  private final WindowPages pages = new WindowPages();

  ChunkOpener(Arena arena, ChunkIndex index, ImageProgress progress) {
    this.index = index;
    this.progress = progress;
    this.unpacked = arena.allocate(WindowPages.BYTES, Pages.SIZE);
  }

  /** Checks a chunk and puts its pages where {@code sink} says. */
  void place(long chunk, MemorySegment stored, PageSink sink) throws ImageFormatException {
    begin(chunk);
    long start = System.nanoTime();
    checkSum(chunk, stored);
    int first = pages.next(0);
    long pfn = index.window(chunk) + first;
    int count = pages.count();
    if (pages.nextAbsent(first) == first + count && sink.run(pfn, count) == count) {
      unpackInto(chunk, stored, sink.at(pfn, count));
      progress.spent(ImageProgress.Stage.DECOMPRESS, start);
    } else {
      MemorySegment bytes = unpack(chunk, stored);
      start = progress.spent(ImageProgress.Stage.DECOMPRESS, start);
      scatter(chunk, bytes, sink);
      progress.spent(ImageProgress.Stage.PLACE, start);
    }
    end(count);
  }

  /** Checks a chunk and that it unpacks to its pages. */
  void check(long chunk, MemorySegment stored) throws ImageFormatException {
    begin(chunk);
    long start = System.nanoTime();
    checkSum(chunk, stored);
    unpack(chunk, stored);
    progress.spent(ImageProgress.Stage.DECOMPRESS, start);
    end(pages.count());
  }

  private void begin(long chunk) {
    index.pages(chunk, pages);
  }

  private void end(int count) {
    progress.looked(count);
    progress.moved(count);
  }

  private void checkSum(long chunk, MemorySegment stored) throws ImageFormatException {
    if (Codec.checksum(stored) != index.checksum(chunk)) {
      throw damaged(chunk, "do not match their checksum");
    }
  }

  /** The chunk's pages back to back, valid until the next chunk. */
  private MemorySegment unpack(long chunk, MemorySegment stored) throws ImageFormatException {
    if (index.codec(chunk) == Codec.RAW) {
      return stored;
    }
    MemorySegment target = unpacked.asSlice(0, Pages.address(pages.count()));
    unpackInto(chunk, stored, target);
    return target;
  }

  private void unpackInto(long chunk, MemorySegment stored, MemorySegment target)
      throws ImageFormatException {
    if (index.codec(chunk) == Codec.RAW) {
      target.copyFrom(stored);
    } else if (Codec.unpack(stored, target) != target.byteSize()) {
      throw damaged(chunk, "do not unpack to its pages");
    }
  }

  private void scatter(long chunk, MemorySegment bytes, PageSink sink) {
    long window = index.window(chunk);
    long done = 0;
    for (int start = pages.next(0), end; start < WindowPages.COUNT; start = pages.next(end)) {
      end = pages.nextAbsent(start);
      long count;
      for (long pfn = window + start; pfn < window + end; pfn += count) {
        count = sink.run(pfn, window + end - pfn);
        MemorySegment place = sink.at(pfn, count);
        MemorySegment.copy(bytes, done, place, 0, Pages.address(count));
        done += Pages.address(count);
      }
    }
  }

  private ImageFormatException damaged(long chunk, String how) {
    long window = index.window(chunk);
    PageRange span = new PageRange(window + pages.next(0), window + pages.last() + 1);
    return new ImageFormatException(
        Damage.CHUNK_DAMAGED,
        String.format(
            "bytes %d to %d of the store, chunk %d of %d with %d pages in PFN %#x to %#x, %s",
            index.offset(chunk),
            index.end(chunk) - 1,
            chunk,
            index.count(),
            pages.count(),
            span.start(),
            span.end() - 1,
            how));
  }
}
