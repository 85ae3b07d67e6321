package org.dormouse.protocol;

import java.util.Optional;
import java.util.OptionalLong;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;
import org.dormouse.text.KeyValues;

/**
 * What the original kernel remembers of a saver that it has loaded. It lies in the mailbox with
 * each request, so that any later process knows the saver.
 *
 * @param kernelDigest SHA-256 of the saver's kernel, hexadecimal
 * @param initramfsDigest SHA-256 of its initramfs, hexadecimal
 * @param mailbox the physical address of the mailbox that it was told of
 * @param crashReservation the part of its region that is kept for the way back of a panic
 * @param loads how often anything had been loaded by kexec when it was, if the kernel counts that
 */
public record SaverRecord(
    String kernelDigest,
    String initramfsDigest,
    long mailbox,
    Optional<PageRange> crashReservation,
    OptionalLong loads) {
  private static final String KERNEL = "saver_kernel";
  private static final String INITRAMFS = "saver_initramfs";
  private static final String MAILBOX = "mailbox";
  private static final String CRASH_START = "crash_start";
  private static final String CRASH_END = "crash_end";
  private static final String LOADS = "kexec_loads_left";

  /** The same as lines. */
  public KeyValues lines() {
    KeyValues lines =
        KeyValues.empty()
            .with(KERNEL, kernelDigest)
            .with(INITRAMFS, initramfsDigest)
            .withAddress(MAILBOX, mailbox);
    if (crashReservation.isPresent()) {
      lines =
          lines
              .withAddress(CRASH_START, crashReservation.get().startAddress())
              .withAddress(CRASH_END, crashReservation.get().endAddress());
    }
    return loads.isPresent() ? lines.with(LOADS, loads.getAsLong()) : lines;
  }

  /**
   * Reads it back.
   *
   * @throws IllegalArgumentException if a line is missing or makes no sense
   */
  public static SaverRecord of(KeyValues lines) {
    return new SaverRecord(
        lines.text(KERNEL),
        lines.text(INITRAMFS),
        lines.number(MAILBOX),
        lines.find(CRASH_START).isPresent()
            ? Optional.of(
                new PageRange(
                    Pages.pfn(lines.number(CRASH_START)), Pages.pfn(lines.number(CRASH_END))))
            : Optional.empty(),
        lines.find(LOADS).isPresent()
            ? OptionalLong.of(lines.number(LOADS))
            : OptionalLong.empty());
  }

  /** Whether it was started from this software. */
  public boolean isOf(SaverSoftware software) {
    return kernelDigest.equals(software.kernelDigest())
        && initramfsDigest.equals(software.initramfsDigest());
  }
}
