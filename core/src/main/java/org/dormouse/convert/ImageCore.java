package org.dormouse.convert;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.dormouse.dump.CoreDescription;
import org.dormouse.dump.CoreFile;
import org.dormouse.image.ImagePages;
import org.dormouse.image.ImageReader;
import org.dormouse.image.WakeDescription;
import org.dormouse.memory.Frames;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;
import org.dormouse.protocol.Original;
import org.dormouse.seal.ImageKey;
import org.dormouse.store.Store;
import org.dormouse.text.KeyValues;
import org.dormouse.text.ReportException;
import org.dormouse.vmcore.CopiedFrames;
import org.dormouse.vmcore.JumpedProcessor;
import org.dormouse.vmcore.OriginalMemory;
import org.dormouse.vmcore.SourcePages;
import org.dormouse.vmcore.SourcePages.Search.Found;
import org.dormouse.vmcore.VmcoreException;

/**
 * An image as a dump like any other. What of the original kernel lies in the saver region and in
 * low memory is shown there, though the image has it in the pages that it was swapped out to.
 */
public final class ImageCore implements CoreFile {
  /** A VMCOREINFO note is a page, so far; this is far beyond. */
  private static final long MOST_NOTE_BYTES = 1 << 20;

  /**
   * The most ranges of RAM that are made up for pages in no load: with the loads fewer than an ELF
   * core can have program headers, and than {@link org.dormouse.dump.KdumpFile} reads ranges.
   */
  private static final int MOST_RUNS = 1 << 15;

  private final ImagePages pages;
  private final List<PageRange> ram;
  private final List<PageRange> swapped;
  private final SourcePages sources;
  private final CopiedFrames frames;
  private final Optional<PageRange> saverRegion;
  private final CoreDescription description;

  private ImageCore(ImageReader reader, ImagePages pages) throws IOException {
    this.pages = pages;
    saverRegion = reader.description().wake().map(WakeDescription::saverRegion);
    KeyValues details = KeyValues.parse(reader.details());
    if (Original.isIn(details)) {
      Original original = Original.of(details);
      long jumpBackEntry =
          reader.description().wake().isPresent()
              ? reader.wake().jumpBackEntry()
              : details.number(Original.JUMP_BACK_ENTRY);
      ram = checked(PageRange.union(original.map().ram()));
      swapped = original.swapped();
      SourcePages.Search search = search(original, jumpBackEntry);
      sources = search instanceof Found(SourcePages found) ? found : SourcePages.none();
      frames = CopiedFrames.over(ram, this::read);
      description = described(original, jumpBackEntry, task(details), search);
    } else {
      description = CoreDescription.of(details);
      ram = checked(ram(description, pages));
      swapped = List.of();
      sources = SourcePages.none();
      frames = CopiedFrames.over(ram, this::read);
    }
  }

  /**
   * Opens a whole image, of whatever state.
   *
   * @param store stays open as long as this is used
   * @throws org.dormouse.image.ImageFormatException if there is none that is whole and undamaged,
   *     as far as header, details and index tell
   * @throws ReportException if the store cannot be read
   */
  public static ImageCore open(Store store) throws IOException {
    return open(store, Optional.empty());
  }

  /**
   * The same for an image that may be sealed.
   *
   * @param key that of the image if it is; not closed before this is
   */
  public static ImageCore open(Store store, Optional<ImageKey> key) throws IOException {
    ImageReader reader = ImageReader.inspect(store, key);
    ImagePages pages = reader.pages();
    boolean opened = false;
    try {
      ImageCore core = new ImageCore(reader, pages);
      opened = true;
      return core;
    } catch (IllegalArgumentException e) {
      throw new ReportException(
          store.name() + " does not say what it is an image of: " + e.getMessage(),
          "Nothing was changed.",
          "Make the image anew.");
    } finally {
      if (!opened) {
        pages.close();
      }
    }
  }

  /** The task that jumped; 0 if nobody has written it down. */
  private static long task(KeyValues details) {
    return details.find(Original.JUMPING_TASK).isPresent()
        ? details.number(Original.JUMPING_TASK)
        : 0;
  }

  /** Where the pages are that were swapped out for the saver. */
  private SourcePages.Search search(Original original, long jumpBackEntry) {
    try (CopiedFrames visible = CopiedFrames.over(original.visible(), pages::read)) {
      return SourcePages.find(visible, original.visible(), original.swapped(), jumpBackEntry);
    }
  }

  /**
   * The notes: the registers of the processor that jumped, VMCOREINFO, and what is missing, if
   * something is.
   */
  private CoreDescription described(
      Original original, long jumpBackEntry, long task, SourcePages.Search search)
      throws IOException {
    CoreDescription described = noteOf(original);
    if (search instanceof SourcePages.Search.NotFound(String reason)) {
      described =
          described.withRemark(
              String.format(
                  "what was in %s is missing, where the saver kernel ran: %s",
                  original.swapped(), reason));
    }
    try {
      OriginalMemory memory = OriginalMemory.of(frames, ram, SourcePages.none());
      return switch (JumpedProcessor.find(memory, ram, described.vmcoreInfo(), jumpBackEntry)) {
        case JumpedProcessor.Search.Found(JumpedProcessor registers) ->
            described.withProcessor(registers, task);
        case JumpedProcessor.Search.NotFound(String reason) ->
            described.withRemark(
                "the registers of the processor that jumped are missing: " + reason);
      };
    } catch (VmcoreException e) {
      return described.withRemark("the kernel's own description is missing: " + e.getMessage());
    }
  }

  private CoreDescription noteOf(Original original) throws IOException {
    long bytes = original.vmcoreInfoBytes();
    if (original.vmcoreInfo() == 0 || bytes <= 0 || bytes > MOST_NOTE_BYTES) {
      return CoreDescription.none();
    }
    PageRange holding = PageRange.covering(original.vmcoreInfo(), original.vmcoreInfo() + bytes);
    byte[] memory = new byte[(int) holding.bytes()];
    read(holding, MemorySegment.ofArray(memory));
    int start = (int) (original.vmcoreInfo() - holding.startAddress());
    return CoreDescription.ofFirstNote(Arrays.copyOfRange(memory, start, start + (int) bytes));
  }

  /** Where the saver runs that restores the image; none if it is only to be read. */
  public Optional<PageRange> saverRegion() {
    return saverRegion;
  }

  @Override
  public CoreDescription description() {
    return description;
  }

  @Override
  public List<PageRange> ram() {
    return ram;
  }

  @Override
  public Presence presence(Arena arena) {
    long limit = ram.isEmpty() ? 0 : ram.getLast().end();
    PageSet stored = within(arena, limit, pages.saved());
    PageSet zero = within(arena, limit, pages.zero());
    for (PageRange range : swapped) {
      for (long pfn = range.start(); pfn < range.end(); pfn++) {
        OptionalLong source = sources.sourceOf(pfn);
        if (source.isPresent() && isHeld(source.getAsLong())) {
          stored.add(pfn);
        }
      }
    }
    return new Presence(stored, zero);
  }

  /** Whether a page is in the image, or known to be zero. */
  private boolean isHeld(long pfn) {
    return pages.saved().contains(pfn) || pages.zero().contains(pfn);
  }

  /** What of a set is RAM. */
  private PageSet within(Arena arena, long limit, PageSet set) {
    PageSet result = PageSet.empty(arena, limit);
    for (PageRange range : ram) {
      for (long from = range.start(); from < range.end(); ) {
        PageRange run = set.nextRun(Math.min(from, set.limit())).intersect(range);
        if (run.isEmpty()) {
          break;
        }
        result.add(run);
        from = run.end();
      }
    }
    return result;
  }

  @Override
  public Frames frames() {
    return frames;
  }

  private void read(PageRange wanted, MemorySegment target) throws IOException {
    pages.read(wanted, target);
    for (PageRange range : swapped) {
      PageRange part = range.intersect(wanted);
      for (long pfn = part.start(); pfn < part.end(); pfn++) {
        OptionalLong source = sources.sourceOf(pfn);
        if (source.isPresent()) {
          pages.read(
              new PageRange(source.getAsLong(), source.getAsLong() + 1),
              target.asSlice(Pages.address(pfn - wanted.start()), Pages.SIZE));
        }
      }
    }
  }

  @Override
  public void close() {
    frames.close();
    pages.close();
  }

  /**
   * The RAM of a dump: what the loads hold, and what else the image holds. A dump may have had more
   * loads than an image names, or none.
   */
  private static List<PageRange> ram(CoreDescription description, ImagePages pages) {
    List<PageRange> told =
        PageRange.union(description.loads().stream().map(ImageCore::pages).toList());
    try (Arena arena = Arena.ofConfined()) {
      PageSet untold = pages.saved().copy(arena);
      untold.addAll(pages.zero());
      PageRange all = new PageRange(0, untold.limit());
      told.forEach(range -> untold.remove(range.intersect(all)));
      return PageRange.union(Stream.concat(told.stream(), runs(untold).stream()).toList());
    }
  }

  /**
   * The runs of a set; if there are too many, with the shortest gaps between them, which then count
   * as RAM that was left out.
   */
  private static List<PageRange> runs(PageSet pages) {
    long gap = 1;
    List<PageRange> runs = runs(pages, gap);
    while (runs.size() > MOST_RUNS) {
      gap *= 2;
      runs = runs(pages, gap);
    }
    return runs;
  }

  /**
   * The runs, joined where fewer than {@code gap} pages lie between them; no more than it takes to
   * see that they are too many.
   */
  private static List<PageRange> runs(PageSet pages, long gap) {
    List<PageRange> runs = new ArrayList<>();
    PageRange run = pages.nextRun(0);
    while (!run.isEmpty() && runs.size() <= MOST_RUNS) {
      if (!runs.isEmpty() && run.start() - runs.getLast().end() < gap) {
        runs.add(new PageRange(runs.removeLast().start(), run.end()));
      } else {
        runs.add(run);
      }
      run = pages.nextRun(run.end());
    }
    return runs;
  }

  private static PageRange pages(CoreDescription.Load load) {
    return PageRange.within(load.physical(), Math.addExact(load.physical(), load.bytes()));
  }

  private static List<PageRange> checked(List<PageRange> ram) {
    if (ram.isEmpty() || ram.getLast().end() > ImagePages.PFN_LIMIT) {
      throw new IllegalArgumentException("no RAM, or RAM beyond what can be read in any order");
    }
    return ram;
  }
}
