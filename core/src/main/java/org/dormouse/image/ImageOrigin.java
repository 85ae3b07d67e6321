package org.dormouse.image;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.UUID;
import org.dormouse.memory.MemoryMap;

/**
 * Whose memory an image holds: what a resume compares before it believes the image.
 *
 * @param image the image's own identity, new for each
 * @param created when it was begun, to the millisecond
 * @param kernelRelease {@code uname -r} of the original kernel, at most 64 bytes of UTF-8 ({@code
 *     __NEW_UTS_LEN} in {@code include/uapi/linux/utsname.h})
 * @param kernelBuildId the original kernel's build id (the ELF note {@code NT_GNU_BUILD_ID}): 40
 *     hexadecimal digits in lower case, or empty if it has none
 * @param memoryMapFingerprint {@link #fingerprint} of the machine's memory map
 * @param ramPages how many pages of RAM the machine has
 * @param storeName the store as the user named it, at most 160 bytes of UTF-8
 */
public record ImageOrigin(
    UUID image,
    Instant created,
    String kernelRelease,
    String kernelBuildId,
    long memoryMapFingerprint,
    long ramPages,
    String storeName) {
  /** The longest kernel release, in bytes of UTF-8. */
  public static final int RELEASE_BYTES = 64;

  /** The longest name of a store, in bytes of UTF-8. */
  public static final int STORE_NAME_BYTES = 160;

  /**
   * Checks the lengths.
   *
   * @throws IllegalArgumentException if something does not fit into a header
   */
  public ImageOrigin {
    checkText("kernel release", kernelRelease, RELEASE_BYTES);
    checkText("store name", storeName, STORE_NAME_BYTES);
    if (!kernelBuildId.matches("([0-9a-f]{40})?")) {
      throw new IllegalArgumentException("not a build id: " + kernelBuildId);
    }
    if (ramPages < 0) {
      throw new IllegalArgumentException("pages of RAM: " + ramPages);
    }
    created = Instant.ofEpochMilli(created.toEpochMilli());
  }

  /** XXH3-64 of the UTF-8 bytes of {@link MemoryMap#canonical()}: the same for the same map. */
  public static long fingerprint(MemoryMap map) {
    try (Arena arena = Arena.ofConfined()) {
      byte[] text = map.canonical().getBytes(StandardCharsets.UTF_8);
      return Codec.checksum(arena.allocateFrom(ValueLayout.JAVA_BYTE, text));
    }
  }

  static ImageOrigin none() {
    return new ImageOrigin(new UUID(0, 0), Instant.EPOCH, "", "", 0, 0, "");
  }

  private static void checkText(String what, String text, int limit) {
    int length = text.getBytes(StandardCharsets.UTF_8).length;
    if (length > limit || text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          what + " of " + length + " bytes, at most " + limit + " and no NUL: " + text);
    }
  }
}
