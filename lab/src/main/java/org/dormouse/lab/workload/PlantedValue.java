package org.dormouse.lab.workload;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A number at the beginning of a page of this process's memory, to be looked for from outside. Root
 * may know which page frame that is.
 */
final class PlantedValue {
  private static final Path PAGEMAP = Path.of("/proc/self/pagemap");

  /** The low 55 bits of an entry: Documentation/admin-guide/mm/pagemap.rst. */
  private static final long FRAME = (1L << 55) - 1;

  private final MemorySegment page = Arena.global().allocate(PageContent.BYTES, PageContent.BYTES);

  void set(long value) {
    page.set(ValueLayout.JAVA_LONG, 0, value);
  }

  /** The number of the page frame, as it is now. */
  long frame() throws IOException {
    ByteBuffer entry = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
    try (FileChannel pagemap = FileChannel.open(PAGEMAP, StandardOpenOption.READ)) {
      pagemap.read(entry, page.address() / PageContent.BYTES * Long.BYTES);
    }
    return entry.getLong(0) & FRAME;
  }
}
