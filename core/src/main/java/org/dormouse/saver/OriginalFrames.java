package org.dormouse.saver;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.List;
import org.dormouse.linux.LinuxException;
import org.dormouse.linux.PhysicalMemory;
import org.dormouse.memory.Frames;
import org.dormouse.memory.FreePagePolicy;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.protocol.Original;
import org.dormouse.vmcore.Exclusions;
import org.dormouse.vmcore.FrameWindows;
import org.dormouse.vmcore.OriginalMemory;
import org.dormouse.vmcore.PageCensus;
import org.dormouse.vmcore.PageKinds;
import org.dormouse.vmcore.SourcePages;
import org.dormouse.vmcore.VmcoreInfo;

/** In the saver kernel: the original kernel's frames, for the walk in either direction. */
final class OriginalFrames implements AutoCloseable {
  /** How many windows stay mapped: some for each worker, 128 KiB of page tables each. */
  private static final int WINDOWS = 12;

  private static final String NO_NOTE = "the kernel has no VMCOREINFO note";

  private final Original original;
  private final PhysicalMemory memory;
  private final FrameWindows windows;

  private OriginalFrames(Original original, PhysicalMemory memory) {
    this.original = original;
    this.memory = memory;
    this.windows = FrameWindows.over(original.visible(), WINDOWS, memory::map);
  }

  /** To read or write the frames of {@code original} that are in their place. */
  static OriginalFrames open(Original original, PhysicalMemory.Access access)
      throws LinuxException {
    return new OriginalFrames(original, PhysicalMemory.open(access));
  }

  /** The frames. */
  Frames frames() {
    return windows;
  }

  /**
   * Which pages have to be saved.
   *
   * @param jumpBackEntry where the original kernel goes on
   * @param freePages what free pages have to hold when it does
   * @param arena owns the sets
   * @param threads how many look
   */
  PageKinds kinds(long jumpBackEntry, FreePagePolicy freePages, Arena arena, int threads) {
    List<PageRange> ram = original.visible();
    if (original.vmcoreInfo() == 0) {
      return PageKinds.everything(arena, ram, freePages, NO_NOTE);
    }
    return PageKinds.plan(
        arena,
        ram,
        memory(jumpBackEntry),
        original.vmcoreInfo(),
        original.vmcoreInfoBytes(),
        freePages,
        threads);
  }

  /**
   * Takes pages out of a set that are of no interest to whoever reads a dump.
   *
   * @param jumpBackEntry where the original kernel goes on
   * @param threads how many look
   * @throws IOException if nothing can be told of the kernel; all pages stay
   */
  void leaveOut(PageSet pages, Exclusions excluded, long jumpBackEntry, int threads)
      throws IOException {
    OriginalMemory memory = memory(jumpBackEntry);
    VmcoreInfo info = VmcoreInfo.read(memory, original.vmcoreInfo(), original.vmcoreInfoBytes());
    PageCensus.leaveOut(pages, excluded, original.visible(), memory, info, threads);
  }

  /**
   * The same for what was swapped out for this saver: the source pages of what is of no interest,
   * or free, are of none either. If it is not known where these are, all stay.
   *
   * @param jumpBackEntry where the original kernel goes on
   * @param threads how many look
   * @throws IOException if nothing can be told of the kernel
   */
  void leaveOutSwapped(PageSet pages, Exclusions excluded, long jumpBackEntry, int threads)
      throws IOException {
    List<PageRange> swapped = original.swapped();
    OriginalMemory memory = memory(jumpBackEntry);
    VmcoreInfo info = VmcoreInfo.read(memory, original.vmcoreInfo(), original.vmcoreInfoBytes());
    SourcePages sources = sources(jumpBackEntry);
    try (Arena arena = Arena.ofShared()) {
      PageSet kept = PageSet.of(arena, original.map().limit(), swapped);
      PageCensus.leaveOut(kept, excluded.and(Exclusions.Part.FREE), swapped, memory, info, threads);
      for (PageRange range : swapped) {
        for (long pfn = range.start(); pfn < range.end(); pfn++) {
          if (!kept.contains(pfn) && sources.isSwapped(pfn)) {
            sources.sourceOf(pfn).ifPresent(pages::remove);
          }
        }
      }
    }
  }

  private OriginalMemory memory(long jumpBackEntry) {
    return OriginalMemory.of(windows, original.visible(), () -> sources(jumpBackEntry));
  }

  private SourcePages sources(long jumpBackEntry) {
    return switch (SourcePages.find(
        windows, original.visible(), original.swapped(), jumpBackEntry)) {
      case SourcePages.Search.Found(SourcePages sources) -> sources;
      // What is asked for is then not to be had, and all pages are kept.
      case SourcePages.Search.NotFound _ -> SourcePages.none();
    };
  }

  @Override
  public void close() throws IOException {
    windows.close();
    memory.close();
  }
}
