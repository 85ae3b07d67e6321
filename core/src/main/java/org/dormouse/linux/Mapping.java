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
  private static final long MADV_WILLNEED = 3;

  private Mapping() {}

  /**
   * Maps a whole file to read it.
   *
   * @param arena unmaps it when closed
   */
  public static MemorySegment ofFile(Path path, Arena arena) throws IOException {
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      return file.map(FileChannel.MapMode.READ_ONLY, 0, file.size(), arena);
    }
  }

  /**
   * Has the kernel begin to read a mapped file in: page by page, as it would be asked for later,
   * takes many times as long.
   */
  public static void readAhead(MemorySegment file) throws LinuxException {
    if (file.byteSize() > 0) {
      Syscall.MADVISE.call("read a file ahead", file.address(), file.byteSize(), MADV_WILLNEED);
    }
  }
}
