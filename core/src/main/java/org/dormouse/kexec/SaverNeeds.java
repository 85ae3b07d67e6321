package org.dormouse.kexec;

import java.util.List;
import org.dormouse.boot.PagingMode;
import org.dormouse.memory.Pages;

/**
 * How much memory the saver kernel needs: what the saver region is made of. All in bytes.
 *
 * @param kernelInitSize {@link org.dormouse.boot.BzImage#initSize}
 * @param initramfsBytes the initramfs as it is loaded
 * @param unpackedInitramfsBytes what the kernel makes of it before it frees the loaded one
 * @param workingBytes what the kernel allocates while it starts, and what the programs in it need
 */
public record SaverNeeds(
    long kernelInitSize, long initramfsBytes, long unpackedInitramfsBytes, long workingBytes) {
  /**
   * A part of the saver region.
   *
   * @param name what it is for
   * @param bytes its size
   */
  public record Need(String name, long bytes) {}

  /** Stub, boot parameters, command line, the way back, and the way from there to the kernel. */
  private static final long HEAD = Pages.LARGE_SIZE;

  /**
   * A way back as a kernel holds it that has loaded it: the pages themselves, for each a page to
   * swap it with, and as much again for lists, control code and the kernel's own identity mapping.
   * The warm saver has one more: {@code kexec_load} makes the new one before it frees the old.
   */
  private static final long WAYS_BACK =
      2 * 3 * Pages.address(JumpBack.pages(PagingMode.FIVE_LEVEL));

  /** {@code sizeof(struct page)}: {@code include/linux/mm_types.h}, on x86-64. */
  private static final long PAGE_STRUCT = 64;

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if one is negative
   */
  public SaverNeeds {
    if (kernelInitSize < 0
        || initramfsBytes < 0
        || unpackedInitramfsBytes < 0
        || workingBytes < 0) {
      throw new IllegalArgumentException("negative size");
    }
  }

  /** What the region is made of, in the order in which it lies there, without the rounding. */
  public List<Need> breakdown() {
    return List.of(
        new Need("stub, boot parameters, command line", HEAD),
        new Need("kernel", kernelInitSize),
        new Need("page structs", pageStructs()),
        new Need("way back, loaded", WAYS_BACK),
        new Need("way back after a panic", SaverLayout.CRASH_RESERVATION),
        new Need("initramfs, unpacked", unpackedInitramfsBytes),
        new Need("working memory", workingBytes),
        new Need("initramfs, as loaded", loadedBytes()));
  }

  /** The size of the saver region in pages, a multiple of 2 MiB. */
  public long pages() {
    long bytes = breakdown().stream().mapToLong(Need::bytes).sum();
    return Pages.pfn(Pages.alignUp(bytes, Pages.LARGE_SIZE));
  }

  /** With the archive in front of it. */
  private long loadedBytes() {
    return SaverLayout.EARLY_ARCHIVE_MOST + Pages.alignUp(initramfsBytes, Pages.SIZE);
  }

  // Page structs describe themselves too, hence "- PAGE_STRUCT"; and the rounding that pages()
  // adds.
  private long pageStructs() {
    long described =
        HEAD
            + kernelInitSize
            + WAYS_BACK
            + SaverLayout.CRASH_RESERVATION
            + unpackedInitramfsBytes
            + workingBytes
            + loadedBytes()
            + Pages.LARGE_SIZE;
    return Math.ceilDiv(described, Pages.SIZE - PAGE_STRUCT) * PAGE_STRUCT;
  }
}
