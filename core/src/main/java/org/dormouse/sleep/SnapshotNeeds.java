package org.dormouse.sleep;

import java.util.Optional;
import org.dormouse.image.ImageWriter;
import org.dormouse.linux.MemoryInfo;
import org.dormouse.memory.Pages;
import org.dormouse.text.Quantity;
import org.dormouse.text.Report;
import org.dormouse.vmcore.Exclusions;
import org.dormouse.vmcore.Exclusions.Part;

/**
 * What a snapshot asks of the machine's memory, if its image is to lie there until it is written to
 * its end. Pure.
 *
 * @param ramPages the pages that can come into the image: RAM without the saver region and low
 *     memory
 * @param jumpBytes what the jump takes before: the saver region, where it is not loaded yet
 * @param heldPages of the free pages those that will hold what is swapped out for the saver then
 * @param excluded what is left out besides free memory
 * @param dataOffset where in an image its data begins
 */
record SnapshotNeeds(
    long ramPages, long jumpBytes, long heldPages, Exclusions excluded, long dataOffset) {
  /** What to do about too little memory. */
  static final String REMEDY =
      "Leave more out (--exclude cache,user), write to a block device of its own, or name one that"
          + " the image may lie on meanwhile: --through DEVICE.";

  /** What the kernel may take between the look and the jump, in pages: 16 MiB. */
  private static final long MARGIN_PAGES = Pages.pfn(16L << 20);

  /** What stays available to everybody else: 48 MiB, or a 64th of all memory if that is more. */
  private static final long LEAST_RESERVE = 48L << 20;

  private static final int RESERVE_SHARE = 64;

  /**
   * Of what the image may need at most, what there has to be at least: LZ4 makes half of most
   * memory, and a third of some.
   */
  private static final int LEAST_SHARE = 3;

  /** The fewest pages with which it is tried, if it may need {@code most}. */
  static long leastPages(long most) {
    return most / LEAST_SHARE;
  }

  /** What is to be done. */
  sealed interface Plan {
    /**
     * Room for all that may come, whatever the pages hold.
     *
     * @param pages how many to take
     */
    record Whole(long pages) implements Plan {}

    /**
     * Less: the image is compressed, and may not fit all the same.
     *
     * @param pages how many to take: all that are to be had
     * @param most how many it may need
     */
    record Compressed(long pages, long most) implements Plan {}

    /** Too little to try. */
    record TooLittle(Report report) implements Plan {}
  }

  /** The same when the saver is loaded. */
  SnapshotNeeds afterLoading() {
    return new SnapshotNeeds(ramPages, 0, 0, excluded, dataOffset);
  }

  /** What is left to everybody else, in bytes. */
  static long reserveBytes(MemoryInfo memory) {
    return Math.max(LEAST_RESERVE, memory.total() / RESERVE_SHARE);
  }

  /** The most pages that the image can take as memory is now. */
  long mostPages(MemoryInfo memory) {
    long free = Math.max(0, Pages.pfn(memory.free()) - heldPages);
    long used = ramPages - free - Pages.pfn(leftOut(memory));
    long saved = Math.clamp(used + MARGIN_PAGES, 0, ramPages);
    long bytes = ImageWriter.worstCaseBytes(dataOffset, saved) + ImageWriter.sealBytes(saved);
    return Pages.holding(bytes);
  }

  /** What of the memory in use is left out, in bytes. */
  private long leftOut(MemoryInfo memory) {
    MemoryInfo.Use use = memory.use();
    long cache = Math.max(0, use.cached() + use.buffers() - use.shmem());
    return (excluded.parts().contains(Part.CACHE) ? cache : 0)
        + (excluded.parts().contains(Part.USER) ? use.anonymous() : 0);
  }

  /** What is to be done, as memory is now. */
  Plan plan(MemoryInfo memory) {
    long most = mostPages(memory);
    long left = memory.available() - jumpBytes - reserveBytes(memory);
    long have = left < 0 ? 0 : Pages.pfn(left);
    if (have >= most) {
      return new Plan.Whole(most);
    }
    if (have >= leastPages(most)) {
      return new Plan.Compressed(have, most);
    }
    return new Plan.TooLittle(
        new Report(
            String.format(
                "too little memory to hold the image until it is written: it may take %s (%d"
                    + " bytes), and %s (%d bytes) are to be had",
                Quantity.bytes(Pages.address(most)),
                Pages.address(most),
                Quantity.bytes(Pages.address(have)),
                Pages.address(have)),
            "Nothing was changed; the machine goes on.",
            REMEDY));
  }

  /** What keeps an image from lying on a store of so many bytes, if something does. */
  Optional<Report> shortage(MemoryInfo memory, String store, long storeBytes) {
    long most = Pages.address(mostPages(memory));
    if (most <= storeBytes) {
      return Optional.empty();
    }
    return Optional.of(
        new Report(
            String.format(
                "%s is too small: it has %s (%d bytes), and the image may take %s (%d bytes)",
                store, Quantity.bytes(storeBytes), storeBytes, Quantity.bytes(most), most),
            "Nothing was changed; the machine goes on.",
            "Name a larger device, or leave more out with --exclude."));
  }
}
