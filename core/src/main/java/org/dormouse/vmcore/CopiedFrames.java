package org.dormouse.vmcore;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Collection;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.dormouse.memory.Frames;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;

/**
 * Another kernel's frames that cannot be mapped as they are: a lease reads them into a buffer, and
 * the buffer is used again when the lease is closed. What is written to it is lost.
 *
 * <p>Memory: as many buffers as were leased at the same time, by size.
 */
public final class CopiedFrames implements Frames, AutoCloseable {
  /** Gets at the frames. */
  @FunctionalInterface
  public interface Source {
    /**
     * Copies frames. Safe for concurrent use.
     *
     * @param frames not empty, RAM, within one window
     * @param target exactly as long
     */
    void read(PageRange frames, MemorySegment target) throws IOException;
  }

  private final RamRanges ram;
  private final Source source;
  private final Arena arena = Arena.ofShared();

  /** Idle buffers; those in place n are of 2ⁿ pages. */
  private final Deque<MemorySegment>[] idle;

  @SuppressWarnings({"unchecked", "rawtypes"}) // an array of a generic type
  private CopiedFrames(RamRanges ram, Source source) {
    this.ram = ram;
    this.source = source;
    this.idle = new Deque[place(WINDOW_PAGES) + 1];
    for (int i = 0; i < idle.length; i++) {
      idle[i] = new ConcurrentLinkedDeque<>();
    }
  }

  /**
   * Reads nothing yet.
   *
   * @param ram what may be leased: disjoint, in any order
   */
  public static CopiedFrames over(Collection<PageRange> ram, Source source) {
    return new CopiedFrames(RamRanges.of(ram), source);
  }

  @Override
  public Lease lease(PageRange frames) throws IOException {
    if (frames.isEmpty() || !ram.windowAt(frames.start()).contains(frames)) {
      throw new IOException("frames " + frames + " are not RAM within one window");
    }
    int place = place(frames.count());
    MemorySegment found = idle[place].pollFirst();
    MemorySegment buffer =
        found != null ? found : arena.allocate(Pages.address(1L << place), Pages.SIZE);
    boolean read = false;
    try {
      source.read(frames, buffer.asSlice(0, frames.bytes()));
      read = true;
    } finally {
      if (!read) {
        idle[place].addFirst(buffer);
      }
    }
    return new Copy(idle[place], buffer, frames.bytes());
  }

  /** Frees all buffers; no lease may be in use. */
  @Override
  public void close() {
    arena.close();
  }

  /** The smallest n so that 2ⁿ pages are {@code pages} or more. */
  private static int place(long pages) {
    return Long.SIZE - Long.numberOfLeadingZeros(pages - 1);
  }

  private static final class Copy implements Lease {
    private final Deque<MemorySegment> home;
    private final MemorySegment buffer;
    private final MemorySegment memory;
    private boolean closed;

    Copy(Deque<MemorySegment> home, MemorySegment buffer, long bytes) {
      this.home = home;
      this.buffer = buffer;
      this.memory = buffer.asSlice(0, bytes);
    }

    @Override
    public MemorySegment memory() {
      return memory;
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        home.addFirst(buffer);
      }
    }
  }
}
