package org.dormouse.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * {@code mmap(2)}. Constants: {@code include/uapi/asm-generic/mman-common.h} and {@code mman.h}.
 */
public final class Mapping {
  private static final long PROT_READ = 1;
  private static final long PROT_WRITE = 2;
  private static final long MAP_PRIVATE = 0x02;
  private static final long MAP_ANONYMOUS = 0x20;
  private static final long MADV_WILLNEED = 3;
  private static final long MADV_HUGEPAGE = 14;
  private static final long LARGE = 2L << 20;

  private Mapping() {}

  /**
   * Maps a whole file to read it, and has the kernel begin to read it in: page by page, as it would
   * be asked for later, takes many times as long.
   *
   * @param arena unmaps it when closed
   */
  public static MemorySegment ofFile(Path path, Arena arena) throws IOException {
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      MemorySegment content = file.map(FileChannel.MapMode.READ_ONLY, 0, file.size(), arena);
      if (content.byteSize() > 0) {
        Syscall.MADVISE.call(
            "read " + path + " ahead", content.address(), content.byteSize(), MADV_WILLNEED);
      }
      return content;
    }
  }

  /**
   * Maps zeroed memory in large pages where the kernel has any, and locks it: every page is present
   * and stays where it is.
   *
   * @param bytes a multiple of 2 MiB
   * @param arena unmaps it when closed
   * @throws LinuxException {@code ENOMEM} or {@code EAGAIN} if there is not so much memory
   */
  public static MemorySegment locked(long bytes, Arena arena) throws LinuxException {
    long mapped = bytes + LARGE;
    String what = "map " + bytes + " bytes of memory";
    long base =
        Syscall.MMAP.call(
            what, 0, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    MemorySegment memory =
        MemorySegment.ofAddress(base).reinterpret(mapped, arena, Mapping::unmapOrDie);
    MemorySegment aligned = memory.asSlice(-base & (LARGE - 1), bytes);
    try {
      Syscall.MADVISE.call("large pages for memory", aligned.address(), bytes, MADV_HUGEPAGE);
    } catch (LinuxException e) {
      // A kernel without transparent huge pages gives small ones: slower, and as good.
      if (e.errno() != Errno.EINVAL) {
        throw e;
      }
    }
    Syscall.MLOCK.call("lock " + bytes + " bytes of memory", aligned.address(), bytes);
    return aligned;
  }

  private static void unmapOrDie(MemorySegment memory) {
    try {
      Syscall.MUNMAP.call("unmap", memory.address(), memory.byteSize());
    } catch (LinuxException e) {
      throw new IllegalStateException(e);
    }
  }
}
