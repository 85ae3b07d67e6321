package org.dormouse.protocol;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.dormouse.linux.PhysicalMemory;
import org.dormouse.memory.Frames;
import org.dormouse.memory.PageRange;

/**
 * Frames of another kernel's, mapped through {@code /dev/mem} for each lease by itself: for the few
 * that are looked at once.
 */
public final class MappedFrames implements Frames {
  @Override
  public Lease lease(PageRange frames) throws IOException {
    Arena arena = Arena.ofConfined();
    try (PhysicalMemory physical = PhysicalMemory.open(PhysicalMemory.Access.WRITE)) {
      MemorySegment memory = physical.map(frames, arena);
      return new Lease() {
        @Override
        public MemorySegment memory() {
          return memory;
        }

        @Override
        public void close() {
          arena.close();
        }
      };
    } catch (IOException e) {
      arena.close();
      throw e;
    }
  }
}
