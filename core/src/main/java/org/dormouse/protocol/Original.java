package org.dormouse.protocol;

import java.util.ArrayList;
import java.util.List;
import org.dormouse.boot.PagingMode;
import org.dormouse.kexec.SaverLayout;
import org.dormouse.mailbox.Mailbox;
import org.dormouse.memory.FreePagePolicy;
import org.dormouse.memory.MemoryMap;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;
import org.dormouse.text.KeyValues;

/**
 * What a saver has to know of the original kernel: the original kernel says it with each request,
 * and an image keeps it.
 *
 * @param map its memory map
 * @param region the saver region
 * @param vmcoreInfo the physical address of its VMCOREINFO note, 0 if it has none
 * @param vmcoreInfoBytes how long the note may be
 * @param paging its paging mode
 * @param freePages what its free pages have to hold
 */
public record Original(
    MemoryMap map,
    PageRange region,
    long vmcoreInfo,
    long vmcoreInfoBytes,
    PagingMode paging,
    FreePagePolicy freePages) {
  /** Physical addresses have at most 52 bits (Intel SDM volume 3, 4.1.4). */
  private static final long ADDRESS_LIMIT = 1L << 52;

  /** With the lines of a dump, where there is no other place for it: a physical address. */
  public static final String JUMP_BACK_ENTRY = "jump_back_entry";

  /** Likewise: which kinds of pages were left out. */
  public static final String EXCLUDED = "excluded";

  /** Likewise: why none of them could be told from others, if that is so. */
  public static final String ALL_KEPT = "all_kept";

  /**
   * In a request, and in what an image keeps of it: the task that jumps, whose are the registers
   * that the kernel keeps at the jump.
   */
  public static final String JUMPING_TASK = "jumping_task";

  private static final String MAP = "map";
  private static final String REGION = "region";
  private static final String VMCOREINFO = "vmcoreinfo";
  private static final String VMCOREINFO_BYTES = "vmcoreinfo_bytes";
  private static final String PAGING_LEVELS = "paging_levels";
  private static final String FREE_PAGES = "free_pages";

  /**
   * Checks that the region is RAM of the map, above low memory, and that the map ends where
   * physical addresses do.
   *
   * @throws IllegalArgumentException if it is not: nothing may be loaded or written there
   */
  public Original {
    if (map.limit() > Pages.pfn(ADDRESS_LIMIT)) {
      throw new IllegalArgumentException(
          String.format("memory up to page 0x%x, which cannot be", map.limit()));
    }
    if (region.isEmpty()
        || region.start() < SaverLayout.LOW_MEMORY.end()
        || map.ram().stream().noneMatch(ram -> ram.contains(region))) {
      throw new IllegalArgumentException("the saver region " + region + " is not in RAM");
    }
  }

  /** Of a request's lines the one with the task that jumps, if there is one. */
  public static KeyValues jumpingTask(KeyValues request) {
    return request
        .find(JUMPING_TASK)
        .map(task -> KeyValues.empty().with(JUMPING_TASK, task))
        .orElse(KeyValues.empty());
  }

  /** The RAM that is in its place while a saver runs: all but low memory and the region. */
  public List<PageRange> visible() {
    PageRange notRam = new PageRange(0, SaverLayout.LOW_MEMORY.end());
    return map.ram().stream()
        .flatMap(ram -> ram.without(notRam).stream())
        .flatMap(ram -> ram.without(region).stream())
        .toList();
  }

  /** The pages of RAM in low memory and in the region: those that are swapped out for a saver. */
  public List<PageRange> swapped() {
    List<PageRange> swapped = new ArrayList<>();
    for (PageRange ram : map.ram()) {
      PageRange low = ram.intersect(SaverLayout.LOW_MEMORY);
      if (!low.isEmpty()) {
        swapped.add(low);
      }
    }
    swapped.add(region);
    return List.copyOf(swapped);
  }

  /** How much memory the original kernel holds for a saver that is loaded, in bytes. */
  public long heldBytes() {
    return swapped().stream().mapToLong(PageRange::bytes).sum() + Mailbox.BYTES;
  }

  /** How many bytes off the heap a set of its pages takes at most. */
  public long pageSetBytes() {
    return PageSet.bytes(map.limit(), map.ram());
  }

  /** The same as lines. */
  public KeyValues lines() {
    KeyValues lines =
        KeyValues.empty()
            .with(REGION, addresses(region))
            .withAddress(VMCOREINFO, vmcoreInfo)
            .with(VMCOREINFO_BYTES, vmcoreInfoBytes)
            .with(PAGING_LEVELS, paging.levels())
            .with(FREE_PAGES, freePages.name());
    for (MemoryMap.Region piece : map.regions()) {
      lines =
          lines.with(
              MAP, String.format("0x%x 0x%x %s", piece.start(), piece.end(), piece.kind().name()));
    }
    return lines;
  }

  /** Whether {@link #lines} is among the lines. */
  public static boolean isIn(KeyValues lines) {
    return lines.find(REGION).isPresent();
  }

  /**
   * Reads it back.
   *
   * @throws IllegalArgumentException if a line is missing or makes no sense
   */
  public static Original of(KeyValues lines) {
    List<MemoryMap.Region> pieces = new ArrayList<>();
    for (String line : lines.all(MAP)) {
      String[] words = words(line, 3);
      pieces.add(
          new MemoryMap.Region(
              address(words[0]), address(words[1]), MemoryMap.Kind.valueOf(words[2])));
    }
    String[] region = words(lines.text(REGION), 2);
    return new Original(
        new MemoryMap(pieces),
        new PageRange(Pages.pfn(address(region[0])), Pages.pfn(address(region[1]))),
        lines.number(VMCOREINFO),
        lines.number(VMCOREINFO_BYTES),
        PagingMode.ofLevels(lines.number(PAGING_LEVELS)),
        FreePagePolicy.valueOf(lines.text(FREE_PAGES)));
  }

  private static String addresses(PageRange range) {
    return String.format("0x%x 0x%x", range.startAddress(), range.endAddress());
  }

  private static String[] words(String line, int count) {
    String[] words = line.split(" ", -1);
    if (words.length != count) {
      throw new IllegalArgumentException(count + " words expected: " + line);
    }
    return words;
  }

  private static long address(String word) {
    if (!word.startsWith("0x")) {
      throw new IllegalArgumentException("not an address: " + word);
    }
    return Long.parseUnsignedLong(word.substring(2), 16);
  }
}
