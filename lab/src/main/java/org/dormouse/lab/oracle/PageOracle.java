package org.dormouse.lab.oracle;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.dormouse.codec.Comparison;
import org.dormouse.dump.CoreFile;
import org.dormouse.dump.ElfCoreFile;
import org.dormouse.lab.guest.HostCommand;
import org.dormouse.memory.Frames;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;
import org.dormouse.vmcore.Exclusions;
import org.dormouse.vmcore.OriginalMemory;
import org.dormouse.vmcore.PageCensus;
import org.dormouse.vmcore.PageKind;
import org.dormouse.vmcore.SourcePages;

/** Compares which pages of a vmcore we keep with which ones makedumpfile keeps. */
public final class PageOracle implements AutoCloseable {
  /** Pages that are looked at under one lease. */
  private static final long STEP = 4096;

  private final Path vmcore;
  private final CoreFile core;
  private final Arena arena = Arena.ofShared();
  private final PageCensus census;

  /** All pages of RAM that hold nothing but zeros. */
  private final PageSet zero;

  private PageOracle(Path vmcore, CoreFile core, int threads) throws IOException {
    this.vmcore = vmcore;
    this.core = core;
    this.census =
        PageCensus.take(
            arena,
            core.ram(),
            OriginalMemory.of(core.frames(), core.ram(), SourcePages.none()),
            core.description().vmcoreInfo(),
            threads,
            pages -> {});
    this.zero = zeroPages();
  }

  /**
   * Opens a vmcore and looks at all of it.
   *
   * @param vmcore an ELF core
   * @param threads how many look at page structs at the same time
   */
  public static PageOracle open(Path vmcore, int threads) throws IOException {
    CoreFile core = ElfCoreFile.open(vmcore);
    boolean opened = false;
    try {
      PageOracle oracle = new PageOracle(vmcore, core, threads);
      opened = true;
      return oracle;
    } finally {
      if (!opened) {
        core.close();
      }
    }
  }

  /** What we take the pages for. */
  public PageCensus census() {
    return census;
  }

  /** How many pages there are of each kind, for people. */
  public List<String> describe() {
    return Stream.concat(
            census.unknown().stream().map(why -> "no page can be told from another: " + why),
            census.counts().entrySet().stream()
                .filter(count -> count.getValue() > 0)
                .map(count -> "%12d  %s".formatted(count.getValue(), count.getKey().text())))
        .toList();
  }

  /**
   * Has makedumpfile filter the vmcore, and compares.
   *
   * @param makedumpfile the program
   * @param level as its option {@code -d} has it
   * @param folder where it may write; what it writes is deleted
   */
  public LevelComparison compare(Path makedumpfile, int level, Path folder)
      throws IOException, InterruptedException {
    Path dump = Files.createTempFile(folder, "makedumpfile", ".kdump");
    try (Arena sets = Arena.ofConfined()) {
      HostCommand.check(
          List.of(
              makedumpfile.toString(),
              "-f",
              "-l",
              "-d",
              Integer.toString(level),
              "--message-level",
              "4",
              vmcore.toString(),
              dump.toString()));
      return compare(KdumpPages.read(dump, sets), level, sets);
    } finally {
      Files.deleteIfExists(dump);
    }
  }

  private LevelComparison compare(KdumpPages theirs, int level, Arena sets) {
    Exclusions exclusions = Exclusions.ofLevel(level);
    PageSet kept = census.kept(sets, exclusions);
    Map<PageKind, LevelComparison.Difference> differences = new EnumMap<>(PageKind.class);
    for (PageRange range : core.ram()) {
      for (long pfn = range.start(); pfn < range.end(); pfn++) {
        String our = fate(kept, exclusions.excludeZero() && zero.contains(pfn), pfn);
        String their = theirs.zero().contains(pfn) ? "zero" : fate(theirs.stored(), false, pfn);
        if (!our.equals(their)) {
          differences.put(
              census.kind(pfn),
              differences
                  .getOrDefault(census.kind(pfn), new LevelComparison.Difference(0, List.of()))
                  .with(our + " here, " + their + " there", pfn));
        }
      }
    }
    long keptPages = kept.count();
    if (exclusions.excludeZero()) {
      kept.removeAll(zero);
    }
    return new LevelComparison(
        level,
        new LevelComparison.Counts(kept.count(), keptPages - kept.count()),
        new LevelComparison.Counts(theirs.stored().count(), theirs.zero().count()),
        differences);
  }

  private static String fate(PageSet kept, boolean zero, long pfn) {
    if (!kept.contains(pfn)) {
      return "left out";
    }
    return zero ? "zero" : "stored";
  }

  private PageSet zeroPages() throws IOException {
    PageSet found = PageSet.empty(arena, core.ram().getLast().end());
    try (Arena scratch = Arena.ofConfined()) {
      MemorySegment zeros = scratch.allocate(Pages.SIZE, Pages.SIZE);
      for (PageRange range : core.ram()) {
        for (long at = range.start(); at < range.end(); at = (at / STEP + 1) * STEP) {
          PageRange step = new PageRange(at, Math.min(range.end(), (at / STEP + 1) * STEP));
          try (Frames.Lease lease = core.frames().lease(step)) {
            for (long pfn = step.start(); pfn < step.end(); pfn++) {
              MemorySegment page =
                  lease.memory().asSlice(Pages.address(pfn - step.start()), Pages.SIZE);
              if (Comparison.startsWith(page, zeros)) {
                found.add(pfn);
              }
            }
          }
        }
      }
    }
    return found;
  }

  @Override
  public void close() throws IOException {
    arena.close();
    core.close();
  }
}
