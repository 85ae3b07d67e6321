package org.dormouse.sleep;

import java.util.Optional;
import org.dormouse.image.ImageWriter;
import org.dormouse.image.SaverFiles;
import org.dormouse.linux.MemoryInfo;
import org.dormouse.memory.Pages;
import org.dormouse.text.Quantity;
import org.dormouse.text.Report;

/**
 * What a sleep asks of the machine's memory: room for the pages that are swapped out for the saver,
 * and an image that fits its store whatever the pages hold. Pure.
 *
 * @param freeBytes how much memory must be free
 * @param ramPages the pages that can come into the image: RAM without the saver region and low
 *     memory
 * @param heldPages of the free pages those that will hold what is swapped out, 0 for a warm saver
 * @param freeAreSaved whether free pages come into the image too
 * @param files what an image's store holds besides it; empty if there is no store yet
 * @param storeBytes the size of the store
 * @param wantedBytes what the user would like the image to take at most; {@link Long#MAX_VALUE} for
 *     no wish
 */
record SleepNeeds(
    long freeBytes,
    long ramPages,
    long heldPages,
    FreeInImage freeAreSaved,
    Optional<SaverFiles> files,
    long storeBytes,
    long wantedBytes) {
  /** Whether free pages come into the image. */
  enum FreeInImage {
    SAVED,
    LEFT_OUT
  }

  /** What the kernel may take between the look and the jump, in pages: 16 MiB. */
  private static final long MARGIN_PAGES = Pages.pfn(16L << 20);

  /** The same with the store that the image is for. */
  SleepNeeds withStore(SaverFiles stored, long bytes, long wanted) {
    return new SleepNeeds(
        freeBytes, ramPages, heldPages, freeAreSaved, Optional.of(stored), bytes, wanted);
  }

  /** The most bytes that the image can take as memory is now, header and saver included. */
  long mostBytes(MemoryInfo memory) {
    long free =
        switch (freeAreSaved) {
          case SAVED -> 0;
          case LEFT_OUT -> Math.max(0, Pages.pfn(memory.free()) - heldPages);
        };
    long pages = Math.min(ramPages, ramPages - free + MARGIN_PAGES);
    return files.map(stored -> ImageWriter.worstCaseBytes(stored, pages)).orElse(0L);
  }

  /** Whether all is as it should be, the user's wish included. */
  boolean areMet(MemoryInfo memory) {
    return shortage(memory, "").isEmpty() && mostBytes(memory) <= wantedBytes;
  }

  /** What keeps the machine from sleeping, if something does. */
  Optional<Report> shortage(MemoryInfo memory, String store) {
    if (memory.free() < freeBytes) {
      return Optional.of(
          new Report(
              String.format(
                  "too little free memory for the saver region: it takes %s (%d bytes), %s (%d"
                      + " bytes) are free",
                  Quantity.bytes(freeBytes),
                  freeBytes,
                  Quantity.bytes(memory.free()),
                  memory.free()),
              "Nothing is loaded; the machine goes on. Only page cache was dropped.",
              "End programs that use memory, at least "
                  + Quantity.bytes(freeBytes - memory.free())
                  + "."));
    }
    long most = mostBytes(memory);
    if (most > storeBytes) {
      return Optional.of(
          new Report(
              String.format(
                  "%s is too small: it has %s (%d bytes), and what is in memory now may take %s (%d"
                      + " bytes)",
                  store, Quantity.bytes(storeBytes), storeBytes, Quantity.bytes(most), most),
              "Nothing is loaded; the machine goes on. Only page cache was dropped.",
              "Name a larger store, or end programs that use memory, at least "
                  + Quantity.bytes(most - storeBytes)
                  + "."));
    }
    return Optional.empty();
  }
}
