package org.dormouse.vmcore;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Collection;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.dormouse.memory.Frames;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;

/**
 * The original kernel's physical memory as it was when it stood still, by its own addresses:
 * whether a page lies in place or was swapped out for the saver.
 *
 * <p>Every address may be asked for; what cannot be read is an {@link IOException}. Safe for
 * concurrent use.
 */
public final class OriginalMemory {
  private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED;
  private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED;

  private final Frames frames;
  private final RamRanges ram;
  private final Supplier<SourcePages> search;
  private Optional<SourcePages> found = Optional.empty();

  private OriginalMemory(Frames frames, RamRanges ram, Supplier<SourcePages> search) {
    this.frames = frames;
    this.ram = ram;
    this.search = search;
  }

  /**
   * Reads nothing yet.
   *
   * @param frames reaches all of {@code ram}
   * @param ram the original kernel's RAM without the pages that belong to the saver
   * @param sources where the others are; {@link SourcePages#none} if that is not known
   */
  public static OriginalMemory of(Frames frames, Collection<PageRange> ram, SourcePages sources) {
    return of(frames, ram, () -> sources);
  }

  /**
   * The same; {@code sources} are looked for when the first page is asked for that is not in its
   * place: most kernels have nothing of interest there.
   */
  public static OriginalMemory of(
      Frames frames, Collection<PageRange> ram, Supplier<SourcePages> sources) {
    return new OriginalMemory(frames, RamRanges.of(ram), sources);
  }

  private synchronized SourcePages sources() {
    if (found.isEmpty()) {
      found = Optional.of(search.get());
    }
    return found.get();
  }

  /** The 8 bytes at a physical address, which may lie in two pages. */
  public long u64(long address) throws IOException {
    if (Pages.pfn(address) == Pages.pfn(address + Long.BYTES - 1)) {
      try (Piece piece = piece(address, Long.BYTES)) {
        return piece.memory().get(U64, 0);
      }
    }
    byte[] bytes = new byte[Long.BYTES];
    read(address, MemorySegment.ofArray(bytes));
    return MemorySegment.ofArray(bytes).get(U64, 0);
  }

  /** The 4 bytes at a physical address, which may lie in two pages. */
  public int u32(long address) throws IOException {
    byte[] bytes = new byte[Integer.BYTES];
    read(address, MemorySegment.ofArray(bytes));
    return MemorySegment.ofArray(bytes).get(U32, 0);
  }

  /**
   * Fills {@code target} with the bytes from a physical address on.
   *
   * @throws IOException if a part of them is not the original kernel's memory
   */
  public void read(long address, MemorySegment target) throws IOException {
    for (long done = 0; done < target.byteSize(); ) {
      try (Piece piece = piece(address + done, target.byteSize() - done)) {
        MemorySegment.copy(piece.memory(), 0, target, done, piece.memory().byteSize());
        done += piece.memory().byteSize();
      }
    }
  }

  /**
   * Copies page {@code pfn}.
   *
   * @param target a page
   */
  public void copyPage(long pfn, MemorySegment target) throws IOException {
    read(Pages.address(pfn), target.asSlice(0, Pages.SIZE));
  }

  /**
   * Makes bytes reachable without copying them: as many as lie together in this kernel's view from
   * {@code address} on, at least to the end of its page and at most {@code bytes}.
   *
   * @param bytes 1 or more
   */
  Piece piece(long address, long bytes) throws IOException {
    long pfn = Pages.pfn(address);
    PageRange together = ram.windowAt(pfn);
    long from = pfn;
    if (together.isEmpty()) {
      OptionalLong source = sources().sourceOf(pfn);
      if (source.isEmpty() || !ram.contains(source.getAsLong())) {
        throw new VmcoreException(
            String.format("address 0x%x is not the original kernel's memory", address));
      }
      from = source.getAsLong();
      together = new PageRange(from, from + 1);
    }
    long offset = address & (Pages.SIZE - 1);
    long count = Math.min(bytes, Pages.address(together.end() - from) - offset);
    Frames.Lease lease = frames.lease(new PageRange(from, from + Pages.holding(offset + count)));
    return new Piece(lease, lease.memory().asSlice(offset, count));
  }

  /**
   * Bytes that lie together.
   *
   * @param lease what makes them reachable
   * @param memory the bytes
   */
  record Piece(Frames.Lease lease, MemorySegment memory) implements AutoCloseable {
    @Override
    public void close() {
      lease.close();
    }
  }
}
