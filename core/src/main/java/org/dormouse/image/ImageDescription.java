package org.dormouse.image;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;
import org.dormouse.text.KeyValues;

/**
 * Whose memory an image holds, what restores it, and how to get back into it.
 *
 * @param created when it was begun
 * @param kernelRelease {@code uname -r} of the original kernel, at most 64 bytes of UTF-8 ({@code
 *     __NEW_UTS_LEN} in {@code include/uapi/linux/utsname.h})
 * @param kernelBuildId the original kernel's build id (the ELF note {@code NT_GNU_BUILD_ID}):
 *     hexadecimal digits in lower case, or empty if it has none
 * @param ramPages how many pages of RAM the machine has
 * @param saverRegion the pages that the saver runs in: none of them is in the image
 * @param lowMemory the low pages that the saver uses: none of them is in the image
 * @param pagingLevels the paging mode that the original kernel ran in: 4 or 5 levels
 * @param jumpBackEntry the physical address to jump to; 0 as long as it is not known
 * @param storeName the store as the user named it, at most 160 bytes of UTF-8
 * @param saverFiles the saver's kernel and initramfs in the store
 * @param commandLine the command line of the saver that restores, at most 2047 bytes of UTF-8
 *     ({@code COMMAND_LINE_SIZE} in {@code arch/x86/include/asm/setup.h})
 */
public record ImageDescription(
    Instant created,
    String kernelRelease,
    String kernelBuildId,
    long ramPages,
    PageRange saverRegion,
    PageRange lowMemory,
    int pagingLevels,
    long jumpBackEntry,
    String storeName,
    SaverFiles saverFiles,
    String commandLine) {
  /** The longest kernel release, in bytes of UTF-8. */
  public static final int RELEASE_BYTES = 64;

  /** The longest name of a store, in bytes of UTF-8. */
  public static final int STORE_NAME_BYTES = 160;

  /** The longest command line, in bytes of UTF-8. */
  public static final int COMMAND_LINE_BYTES = 2047;

  /** Physical addresses have at most 52 bits (Intel SDM volume 3, 4.1.4). */
  static final long ADDRESS_LIMIT = 1L << 52;

  /** The PFN after the last one that there can be. */
  static final long PFN_LIMIT = ADDRESS_LIMIT >>> Pages.SHIFT;

  /** Where low memory ends: the first MiB is what real mode can reach. */
  private static final long LOW_LIMIT = (1L << 20) >>> Pages.SHIFT;

  private static final int BUILD_ID_DIGITS = 64;

  /**
   * Checks lengths and ranges.
   *
   * @throws IllegalArgumentException if something does not fit, or is nowhere in physical memory
   */
  public ImageDescription {
    checkText("kernel release", kernelRelease, RELEASE_BYTES);
    checkText("build id", kernelBuildId, BUILD_ID_DIGITS);
    checkText("store name", storeName, STORE_NAME_BYTES);
    checkText("command line", commandLine, COMMAND_LINE_BYTES);
    if (!kernelBuildId.matches("[0-9a-f]*")) {
      throw new IllegalArgumentException("not a build id: " + kernelBuildId);
    }
    if (ramPages < 0 || ramPages > PFN_LIMIT) {
      throw new IllegalArgumentException("pages of RAM: " + ramPages);
    }
    if (lowMemory.end() > LOW_LIMIT
        || saverRegion.end() > PFN_LIMIT
        || saverRegion.overlaps(lowMemory)) {
      throw new IllegalArgumentException(
          "saver region " + saverRegion + " with low memory " + lowMemory);
    }
    if (pagingLevels != 4 && pagingLevels != 5) {
      throw new IllegalArgumentException("page tables of " + pagingLevels + " levels");
    }
    if (jumpBackEntry < 0 || jumpBackEntry >= ADDRESS_LIMIT) {
      throw new IllegalArgumentException("jump back entry 0x" + Long.toHexString(jumpBackEntry));
    }
  }

  /** The same with the jump back entry, a physical address, which is known late. */
  ImageDescription withJumpBackEntry(long address) {
    return new ImageDescription(
        created,
        kernelRelease,
        kernelBuildId,
        ramPages,
        saverRegion,
        lowMemory,
        pagingLevels,
        address,
        storeName,
        saverFiles,
        commandLine);
  }

  /** The lines that stand in the header's block. */
  KeyValues lines() {
    return KeyValues.empty()
        .with("created", created.toString())
        .with("kernel_release", kernelRelease)
        .with("kernel_build_id", kernelBuildId)
        .with("ram_pages", ramPages)
        .with("region", text(saverRegion))
        .with("low_memory", text(lowMemory))
        .with("paging_levels", pagingLevels)
        .withAddress("jump_back_entry", jumpBackEntry)
        .with("store", storeName)
        .with("saver_kernel", text(saverFiles.kernel()))
        .with("saver_initramfs", text(saverFiles.initramfs()))
        .with("command_line", commandLine);
  }

  /**
   * What {@link #lines} wrote.
   *
   * @throws IllegalArgumentException if that makes no sense
   * @throws java.time.DateTimeException if the time does not
   */
  static ImageDescription of(KeyValues lines) {
    return new ImageDescription(
        Instant.parse(lines.text("created")),
        lines.text("kernel_release"),
        lines.text("kernel_build_id"),
        lines.number("ram_pages"),
        range(lines, "region"),
        range(lines, "low_memory"),
        Math.clamp(lines.number("paging_levels"), 0, Integer.MAX_VALUE),
        lines.number("jump_back_entry"),
        lines.text("store"),
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
    if (((start | end) & (Pages.SIZE - 1)) != 0 || start > ADDRESS_LIMIT || end > ADDRESS_LIMIT) {
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

  private static void checkText(String what, String text, int limit) {
    int length = text.getBytes(StandardCharsets.UTF_8).length;
    if (length > limit || text.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          what + " of " + length + " bytes, at most " + limit + " in one line: " + text);
    }
  }
}
