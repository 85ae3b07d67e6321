package org.dormouse.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.dormouse.memory.Pages;

/**
 * Memory of this process that is there and stays: locked, and in large pages where the kernel has
 * them. It lies where it lies; {@link PhysicalPages#translate} tells where that is, and {@link
 * Sysctl#setCompaction} keeps the kernel from moving it.
 *
 * <p>For use by several threads until closed.
 */
public final class HeldMemory implements AutoCloseable {
  // include/uapi/asm-generic/mman-common.h
  private static final long READ_AND_WRITE = 1 | 2;
  private static final long PRIVATE_AND_ANONYMOUS = 0x02 | 0x20;
  private static final long MADV_HUGEPAGE = 14;
  private static final long MADV_NOHUGEPAGE = 15;
  private static final long MADV_DONTDUMP = 16;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment whole;
  private final MemorySegment memory;

  private HeldMemory(MemorySegment whole, MemorySegment memory) {
    this.whole = whole;
    this.memory = memory.reinterpret(arena, null);
  }

  /**
   * Takes memory, all zero.
   *
   * @param bytes a multiple of the page size
   * @throws LinuxException if there is not so much, or this process may not lock it
   */
  public static HeldMemory take(long bytes) throws LinuxException {
    // Large pages begin at multiples of their size.
    long length = bytes + Pages.LARGE_SIZE;
    long address =
        Syscall.MMAP.call(
            "memory to be held", 0, length, READ_AND_WRITE, PRIVATE_AND_ANONYMOUS, -1, 0);
    long start = Pages.alignUp(address, Pages.LARGE_SIZE);
    Syscall.MADVISE.call("memory out of core files", address, length, MADV_DONTDUMP);
    try {
      advise(start, bytes, MADV_HUGEPAGE);
      Syscall.MLOCK.call("hold memory", start, bytes);
      // What is in small pages now is not put together into large ones later, elsewhere.
      advise(start, bytes, MADV_NOHUGEPAGE);
    } catch (LinuxException e) {
      Syscall.MUNMAP.call("give memory back", address, length);
      throw e;
    }
    return new HeldMemory(
        MemorySegment.ofAddress(address).reinterpret(length),
        MemorySegment.ofAddress(start).reinterpret(bytes));
  }

  private static void advise(long address, long bytes, long advice) throws LinuxException {
    try {
      Syscall.MADVISE.call("large pages", address, bytes, advice);
    } catch (LinuxException e) {
      // A kernel without transparent huge pages has only small ones.
      if (e.errno() != Errno.EINVAL) {
        throw e;
      }
    }
  }

  /** The memory. */
  public MemorySegment memory() {
    return memory;
  }

  /** Gives it back. */
  @Override
  public void close() {
    arena.close();
    try {
      Syscall.MUNMAP.call("give memory back", whole.address(), whole.byteSize());
    } catch (LinuxException e) {
      throw new IllegalStateException("memory that was mapped cannot be unmapped", e);
    }
  }
}
