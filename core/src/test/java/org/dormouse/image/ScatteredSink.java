package org.dormouse.image;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.dormouse.memory.Pages;

/** Places whose runs end at every multiple of some number of pages. */
final class ScatteredSink implements PageSink {
  private final Arena arena;
  private final long stride;
  private final Map<Long, MemorySegment> runs = new ConcurrentHashMap<>();

  ScatteredSink(Arena arena, long stride) {
    this.arena = arena;
    this.stride = stride;
  }

  @Override
  public long run(long pfn, long maxPages) {
    return Math.min(maxPages, stride - pfn % stride);
  }

  @Override
  public MemorySegment at(long pfn, long pages) {
    return runs.computeIfAbsent(pfn / stride, run -> arena.allocate(stride * Pages.SIZE, 4096))
        .asSlice(Pages.address(pfn % stride), Pages.address(pages));
  }

  /** What was put at page {@code pfn}. */
  MemorySegment page(long pfn) {
    return at(pfn, 1);
  }
}
