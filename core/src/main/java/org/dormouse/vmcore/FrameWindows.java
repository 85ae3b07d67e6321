package org.dormouse.vmcore;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.dormouse.memory.Frames;
import org.dormouse.memory.PageRange;

/**
 * Another kernel's frames in windows of {@link Frames#WINDOW_PAGES}, mapped when they are asked for
 * and kept mapped as long as there is room.
 *
 * <p>A window ends where a range of RAM ends: what is no RAM is never mapped. When there are too
 * many, the one that was not used for longest is unmapped. A window is never unmapped under a
 * lease: if all are leased, one more is mapped, and unmapped again as soon as leases are closed. So
 * nobody waits for another thread's lease, and a thread may hold several.
 */
public final class FrameWindows implements Frames, AutoCloseable {
  /** Makes frames reachable. */
  @FunctionalInterface
  public interface Mapper {
    /**
     * Maps frames.
     *
     * @param frames not empty, RAM, within one window
     * @param arena unmaps them when closed; shared between threads
     * @return exactly these frames
     */
    MemorySegment map(PageRange frames, Arena arena) throws IOException;
  }

  private final RamRanges ram;
  private final int limit;
  private final Mapper mapper;

  /** By the first PFN, the one not used for longest first. Guarded by this. */
  private final Map<Long, Window> windows = new LinkedHashMap<>(16, 0.75f, true);

  private boolean closed;

  private FrameWindows(RamRanges ram, int limit, Mapper mapper) {
    this.ram = ram;
    this.limit = limit;
    this.mapper = mapper;
  }

  /**
   * Maps nothing yet.
   *
   * @param ram what may be leased: disjoint, in any order
   * @param limit how many windows stay mapped, 1 or more; more only while all are leased
   * @param mapper maps a window
   */
  public static FrameWindows over(Collection<PageRange> ram, int limit, Mapper mapper) {
    if (limit < 1) {
      throw new IllegalArgumentException("at most " + limit + " windows");
    }
    return new FrameWindows(RamRanges.of(ram), limit, mapper);
  }

  @Override
  public synchronized Lease lease(PageRange frames) throws IOException {
    PageRange reachable = ram.windowAt(frames.start());
    if (frames.isEmpty() || !reachable.contains(frames)) {
      throw new IOException("frames " + frames + " are not RAM within one window");
    }
    if (closed) {
      throw new IOException("frames " + frames + " are out of reach: the windows are closed");
    }
    Window window = windows.get(reachable.start());
    if (window == null) {
      unmapDownTo(limit - 1);
      window = map(reachable);
      windows.put(reachable.start(), window);
    }
    window.leases++;
    return new WindowLease(window, frames);
  }

  /** Unmaps every window, those that are leased when their last lease is closed. */
  @Override
  public synchronized void close() {
    closed = true;
    unmapDownTo(0);
  }

  private Window map(PageRange pages) throws IOException {
    Arena arena = Arena.ofShared();
    boolean mapped = false;
    try {
      MemorySegment memory = mapper.map(pages, arena);
      if (memory.byteSize() != pages.bytes()) {
        throw new IOException(memory.byteSize() + " bytes were mapped");
      }
      mapped = true;
      return new Window(pages, memory, arena);
    } catch (IOException e) {
      throw new IOException("cannot reach frames " + pages + ": " + e.getMessage(), e);
    } finally {
      if (!mapped) {
        arena.close();
      }
    }
  }

  private void unmapDownTo(int count) {
    Iterator<Window> oldest = windows.values().iterator();
    while (windows.size() > count && oldest.hasNext()) {
      Window window = oldest.next();
      if (window.leases == 0) {
        oldest.remove();
        window.arena.close();
      }
    }
  }

  private synchronized void release(Window window) {
    window.leases--;
    unmapDownTo(closed ? 0 : limit);
  }

  private static final class Window {
    private final PageRange pages;
    private final MemorySegment memory;
    private final Arena arena;
    private int leases;

    Window(PageRange pages, MemorySegment memory, Arena arena) {
      this.pages = pages;
      this.memory = memory;
      this.arena = arena;
    }
  }

  private final class WindowLease implements Lease {
    private final Window window;
    private final MemorySegment memory;
    private boolean released;

    WindowLease(Window window, PageRange frames) {
      this.window = window;
      this.memory =
          window.memory.asSlice(
              frames.startAddress() - window.pages.startAddress(), frames.bytes());
    }

    @Override
    public MemorySegment memory() {
      return memory;
    }

    @Override
    public void close() {
      if (!released) {
        released = true;
        release(window);
      }
    }
  }
}
