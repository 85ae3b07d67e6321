package org.dormouse.image;

import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;
import org.dormouse.text.KeyValues;

/**
 * What restores an image, and how to get back into its kernel. An image that is only to be read has
 * none.
 *
 * @param saverRegion the pages that the saver runs in: none of them is in the image
 * @param lowMemory the low pages that the saver uses: none of them is in the image
 * @param pagingLevels the paging mode that the original kernel ran in: 4 or 5 levels
 * @param jumpBackEntry the physical address to jump to; 0 as long as it is not known
 * @param saverFiles the saver's kernel and initramfs in the store
 * @param commandLine the command line of the saver that restores, at most 2047 bytes of UTF-8
 *     ({@code COMMAND_LINE_SIZE} in {@code arch/x86/include/asm/setup.h})
 */
public record WakeDescription(
    PageRange saverRegion,
    PageRange lowMemory,
    int pagingLevels,
    long jumpBackEntry,
    SaverFiles saverFiles,
    String commandLine) {
  /** The longest command line, in bytes of UTF-8. */
  public static final int COMMAND_LINE_BYTES = 2047;

  /** The line that all of these have: where it is missing, the others are not looked for. */
  private static final String REGION = "region";

  /** Where low memory ends: the first MiB is what real mode can reach. */
  private static final long LOW_LIMIT = (1L << 20) >>> Pages.SHIFT;

  /**
   * Checks lengths and ranges.
   *
   * @throws IllegalArgumentException if something does not fit, or is nowhere in physical memory
   */
  public WakeDescription {
    ImageDescription.checkText("command line", commandLine, COMMAND_LINE_BYTES);
    if (lowMemory.end() > LOW_LIMIT
        || saverRegion.end() > ImageDescription.PFN_LIMIT
        || saverRegion.overlaps(lowMemory)) {
      throw new IllegalArgumentException(
          "saver region " + saverRegion + " with low memory " + lowMemory);
    }
    if (pagingLevels != 4 && pagingLevels != 5) {
      throw new IllegalArgumentException("page tables of " + pagingLevels + " levels");
    }
    if (jumpBackEntry < 0 || jumpBackEntry >= ImageDescription.ADDRESS_LIMIT) {
      throw new IllegalArgumentException("jump back entry 0x" + Long.toHexString(jumpBackEntry));
    }
  }

  /** The same with the jump back entry, a physical address, which is known late. */
  WakeDescription withJumpBackEntry(long address) {
    return new WakeDescription(
        saverRegion, lowMemory, pagingLevels, address, saverFiles, commandLine);
  }

  /** The lines that stand in the header's block. */
  KeyValues lines() {
    return KeyValues.empty()
        .with(REGION, text(saverRegion))
        .with("low_memory", text(lowMemory))
        .with("paging_levels", pagingLevels)
        .withAddress("jump_back_entry", jumpBackEntry)
        .with("saver_kernel", text(saverFiles.kernel()))
        .with("saver_initramfs", text(saverFiles.initramfs()))
        .with("command_line", commandLine);
  }

  /** Whether {@link #lines} is among the lines. */
  static boolean isIn(KeyValues lines) {
    return lines.find(REGION).isPresent();
  }

  /**
   * What {@link #lines} wrote.
   *
   * @throws IllegalArgumentException if that makes no sense
   */
  static WakeDescription of(KeyValues lines) {
    return new WakeDescription(
        range(lines, REGION),
        range(lines, "low_memory"),
        Math.clamp(lines.number("paging_levels"), 0, Integer.MAX_VALUE),
        lines.number("jump_back_entry"),
        new SaverFiles(file(lines, "saver_kernel"), file(lines, "saver_initramfs")),
        lines.text("command_line"));
  }

  private static String text(PageRange range) {
    return new StringBuilder("0x")
        .append(Long.toHexString(range.startAddress()))
        .append(" 0x")
        .append(Long.toHexString(range.endAddress()))
        .toString();
  }

  private static PageRange range(KeyValues lines, String key) {
    String[] words = Words.of(lines, key, 2);
    long start = address(words[0]);
    long end = address(words[1]);
    if (((start | end) & (Pages.SIZE - 1)) != 0
        || start > ImageDescription.ADDRESS_LIMIT
        || end > ImageDescription.ADDRESS_LIMIT) {
      throw new IllegalArgumentException(key + "=" + lines.text(key) + " is no range of pages");
    }
    return new PageRange(Pages.pfn(start), Pages.pfn(end));
  }

  private static long address(String word) {
    if (!word.startsWith("0x")) {
      throw new IllegalArgumentException("not an address: " + word);
    }
    return Long.parseLong(word.substring(2), 16);
  }

  private static String text(StoredFile file) {
    return new StringBuilder()
        .append(file.offset())
        .append(' ')
        .append(file.length())
        .append(' ')
        .append(file.sha256())
        .toString();
  }

  private static StoredFile file(KeyValues lines, String key) {
    String[] words = Words.of(lines, key, 3);
    return new StoredFile(Long.parseLong(words[0]), Long.parseLong(words[1]), words[2]);
  }
}
