package org.dormouse.kexec;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;

/**
 * A part of what kexec loads: {@code struct kexec_segment} in {@code include/linux/kexec.h}.
 *
 * @param content native memory; it may be shorter than the destination, whose rest is zeroed. It
 *     must stay alive and unchanged until it is loaded
 * @param destination where it goes
 */
public record Segment(MemorySegment content, PageRange destination) {
  /**
   * Checks that the content fits.
   *
   * @throws IllegalArgumentException if it does not, if it is not native memory, or if the
   *     destination is empty
   */
  public Segment {
    if (!content.isNative()) {
      throw new IllegalArgumentException("kexec content on the Java heap");
    }
    if (destination.isEmpty() || content.byteSize() > destination.bytes()) {
      throw new IllegalArgumentException(
          content.byteSize() + " bytes do not fit into " + destination);
    }
  }

  /** A segment of zeros. */
  public static Segment zeros(PageRange destination) {
    return new Segment(MemorySegment.NULL, destination);
  }

  /** A segment with a copy of these bytes, which lives as long as the segment. */
  static Segment of(byte[] bytes, PageRange destination) {
    MemorySegment content = Arena.ofAuto().allocate(bytes.length, Pages.SIZE);
    content.copyFrom(MemorySegment.ofArray(bytes));
    return new Segment(content.asReadOnly(), destination);
  }

  @Override
  public String toString() {
    return String.format(
        "%s, %,d pages, %,d bytes of content",
        destination, destination.count(), content.byteSize());
  }
}
