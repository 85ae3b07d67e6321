package org.dormouse.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.dormouse.memory.PageRange;

/**
 * Memory for secrets, and for what another system writes: it is not swapped out, not in a core
 * file, and wiped when it is closed.
 *
 * <p>Small: whole pages are taken. For use by several threads until closed.
 */
public final class LockedMemory implements AutoCloseable {
  private static final long PAGE = 4096;

  // include/uapi/asm-generic/mman-common.h
  private static final long READ_AND_WRITE = 1 | 2;
  private static final long PRIVATE_AND_ANONYMOUS = 0x02 | 0x20;
  private static final long MADV_DONTDUMP = 16;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment pages;
  private final MemorySegment memory;

  private LockedMemory(MemorySegment pages, long bytes) {
    this.pages = pages.reinterpret(arena, null);
    this.memory = this.pages.asSlice(0, bytes);
  }

  /**
   * Takes {@code bytes}, all zero.
   *
   * @throws LinuxException if there is no memory
   */
  public static LockedMemory of(long bytes) throws LinuxException {
    long length = (bytes + PAGE - 1) / PAGE * PAGE;
    long address =
        Syscall.MMAP.call("locked memory", 0, length, READ_AND_WRITE, PRIVATE_AND_ANONYMOUS, -1, 0);
    Syscall.MADVISE.call("memory out of core files", address, length, MADV_DONTDUMP);
    try {
      Syscall.MLOCK.call("memory that is not swapped out", address, length);
    } catch (LinuxException e) {
      // A user who is not root may lock little. It is wiped all the same.
    }
    return new LockedMemory(MemorySegment.ofAddress(address).reinterpret(length), bytes);
  }

  /** The memory. */
  public MemorySegment memory() {
    return memory;
  }

  /**
   * The page frames behind the memory, in its order. The kernel may move it to others, as it may
   * all memory of programs.
   *
   * @return runs of neighbours
   * @throws IOException if the kernel hides them, or did not lock them: this needs root
   */
  public List<PageRange> frames() throws IOException {
    List<PageRange> frames = new ArrayList<>();
    PhysicalPages.translate(
        pages, (address, pfn, count) -> frames.add(new PageRange(pfn, pfn + count)));
    return frames;
  }

  /** Wipes it and gives it back. */
  @Override
  public void close() {
    pages.fill((byte) 0);
    long address = pages.address();
    long length = pages.byteSize();
    arena.close();
    try {
      Syscall.MUNMAP.call("give memory back", address, length);
    } catch (LinuxException e) {
      throw new IllegalStateException("memory that was mapped cannot be unmapped", e);
    }
  }
}
