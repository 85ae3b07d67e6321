package org.dormouse.linux;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;

/**
 * A System V shared memory segment that is locked in memory and outlives the process that made it:
 * {@code shmget(2)}, {@code shmctl(2)}. Only root may use it. Constants: {@code
 * include/uapi/linux/shm.h}, {@code ipc.h}.
 */
public final class SharedMemory implements AutoCloseable {
  private static final long IPC_CREAT = 01000;
  private static final long OWNER_ONLY = 0600;
  private static final long IPC_RMID = 0;
  private static final long SHM_LOCK = 11;

  private final MemorySegment memory;

  private SharedMemory(MemorySegment memory) {
    this.memory = memory;
  }

  /**
   * Makes a segment of zeros, or finds the one that is there.
   *
   * @param key names it
   * @param bytes a multiple of the page size
   * @throws LinuxException {@code ENOSYS} without {@code CONFIG_SYSVIPC}, {@code EINVAL} if one of
   *     that name has another size
   */
  public static SharedMemory open(int key, long bytes) throws LinuxException {
    long id = Syscall.SHMGET.call("shared memory", key, bytes, IPC_CREAT | OWNER_ONLY);
    Syscall.SHMCTL.call("lock shared memory", id, SHM_LOCK, 0);
    return attach(id, bytes);
  }

  /**
   * The same, but no page of it lies in a forbidden frame: one that does is replaced.
   *
   * @param forbidden their pages together are the most that is held in the search
   * @throws IOException if no such pages were found
   */
  public static SharedMemory openOutside(int key, long bytes, List<PageRange> forbidden)
      throws IOException {
    long most = forbidden.stream().mapToLong(PageRange::bytes).sum();
    List<SharedMemory> unfit = new ArrayList<>();
    try {
      while (unfit.size() * bytes < most) {
        SharedMemory opened = open(key, bytes);
        if (opened.isOutside(forbidden)) {
          return opened;
        }
        // Attached, it holds its pages, so that the next one gets others.
        unfit.add(opened);
        remove(key);
      }
      throw new IOException("no memory for a shared segment outside of " + forbidden);
    } finally {
      for (SharedMemory segment : unfit) {
        segment.close();
      }
    }
  }

  private boolean isOutside(List<PageRange> forbidden) throws IOException {
    return LongStream.of(frames())
        .allMatch(frame -> forbidden.stream().noneMatch(range -> range.contains(frame)));
  }

  /** The segment of that name, if there is one. */
  public static Optional<SharedMemory> find(int key, long bytes) throws LinuxException {
    try {
      return Optional.of(
          attach(Syscall.SHMGET.call("shared memory", key, bytes, OWNER_ONLY), bytes));
    } catch (LinuxException e) {
      if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOSYS) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Takes the segment of that name away, if there is one; it is freed when nobody uses it. */
  public static void remove(int key) throws LinuxException {
    try {
      long id = Syscall.SHMGET.call("shared memory", key, 0, OWNER_ONLY);
      Syscall.SHMCTL.call("remove shared memory", id, IPC_RMID, 0);
    } catch (LinuxException e) {
      if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENOSYS) {
        throw e;
      }
    }
  }

  private static SharedMemory attach(long id, long bytes) throws LinuxException {
    long address = Syscall.SHMAT.call("attach shared memory", id, 0, 0);
    MemorySegment memory = MemorySegment.ofAddress(address).reinterpret(bytes);
    for (long at = 0; at < bytes; at += Pages.SIZE) {
      // Touched, a page is there; locked, it stays.
      memory.set(ValueLayout.JAVA_BYTE, at, memory.get(ValueLayout.JAVA_BYTE, at));
    }
    return new SharedMemory(memory);
  }

  /** The memory, until this is closed. */
  public MemorySegment memory() {
    return memory;
  }

  /**
   * The page frames behind the memory, in order.
   *
   * @throws IOException if the kernel hides them: this needs root
   */
  public long[] frames() throws IOException {
    long[] frames = new long[Math.toIntExact(Pages.holding(memory.byteSize()))];
    PhysicalPages.translate(
        memory,
        (address, pfn, pages) -> {
          int first = (int) Pages.pfn(address - memory.address());
          for (int i = 0; i < pages; i++) {
            frames[first + i] = pfn + i;
          }
        });
    return frames;
  }

  /** Detaches it; it stays. */
  @Override
  public void close() throws LinuxException {
    Syscall.SHMDT.call("detach shared memory", memory.address());
  }
}
