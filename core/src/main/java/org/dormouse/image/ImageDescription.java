package org.dormouse.image;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.dormouse.memory.Pages;
import org.dormouse.text.KeyValues;

/**
 * Whose memory an image holds, and what restores it.
 *
 * @param created when it was begun
 * @param kernelRelease {@code uname -r} of the original kernel, at most 64 bytes of UTF-8 ({@code
 *     __NEW_UTS_LEN} in {@code include/uapi/linux/utsname.h})
 * @param kernelBuildId the original kernel's build id (the ELF note {@code NT_GNU_BUILD_ID}):
 *     hexadecimal digits in lower case, or empty if it has none
 * @param ramPages how many pages of RAM the machine has
 * @param storeName the store as the user named it, at most 160 bytes of UTF-8
 * @param wake what restores it; empty for an image that is only to be read
 */
public record ImageDescription(
    Instant created,
    String kernelRelease,
    String kernelBuildId,
    long ramPages,
    String storeName,
    Optional<WakeDescription> wake) {
  /** Where in an image that is only to be read the data begins, in bytes. */
  public static final long DUMP_DATA_OFFSET = StoredFile.ALIGNMENT;

  /** The longest kernel release, in bytes of UTF-8. */
  public static final int RELEASE_BYTES = 64;

  /** The longest name of a store, in bytes of UTF-8. */
  public static final int STORE_NAME_BYTES = 160;

  /** Physical addresses have at most 52 bits (Intel SDM volume 3, 4.1.4). */
  static final long ADDRESS_LIMIT = 1L << 52;

  /** The PFN after the last one that there can be. */
  static final long PFN_LIMIT = ADDRESS_LIMIT >>> Pages.SHIFT;

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
    if (!kernelBuildId.matches("[0-9a-f]*")) {
      throw new IllegalArgumentException("not a build id: " + kernelBuildId);
    }
    if (ramPages < 0 || ramPages > PFN_LIMIT) {
      throw new IllegalArgumentException("pages of RAM: " + ramPages);
    }
  }

  /**
   * What of a name can stand in a header: no control characters, and not too long.
   *
   * @param name of a store, or a path
   */
  public static String storeName(String name) {
    // A letter has at most four bytes.
    String line = name.replaceAll("\\p{Cntrl}", "?");
    return line.substring(0, Math.min(line.length(), STORE_NAME_BYTES / 4));
  }

  /** Where in the store the data of the image begins, in bytes. */
  public long dataOffset() {
    return wake.map(part -> part.saverFiles().dataOffset()).orElse(DUMP_DATA_OFFSET);
  }

  /** The same with the jump back entry, a physical address, which is known late. */
  ImageDescription withJumpBackEntry(long address) {
    return new ImageDescription(
        created,
        kernelRelease,
        kernelBuildId,
        ramPages,
        storeName,
        wake.map(part -> part.withJumpBackEntry(address)));
  }

  /** The lines that stand in the header's block. */
  KeyValues lines() {
    KeyValues lines =
        KeyValues.empty()
            .with("created", created.toString())
            .with("kernel_release", kernelRelease)
            .with("kernel_build_id", kernelBuildId)
            .with("ram_pages", ramPages)
            .with("store", storeName);
    return wake.map(part -> lines.withAll(part.lines())).orElse(lines);
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
        lines.text("store"),
        WakeDescription.isIn(lines) ? Optional.of(WakeDescription.of(lines)) : Optional.empty());
  }

  static void checkText(String what, String text, int limit) {
    int length = text.getBytes(StandardCharsets.UTF_8).length;
    if (length > limit || text.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          what + " of " + length + " bytes, at most " + limit + " in one line: " + text);
    }
  }
}
