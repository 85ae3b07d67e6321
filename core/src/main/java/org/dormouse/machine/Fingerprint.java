package org.dormouse.machine;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.function.ToLongFunction;
import org.dormouse.memory.Pages;

/**
 * What something on a disk looked like when the machine fell asleep.
 *
 * @param use the thing
 * @param digest of the bytes of it that are watched
 */
public record Fingerprint(DiskUse use, long digest) {
  /** How much is read at once, in bytes. */
  private static final long PIECE = 1 << 20;

  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /**
   * Takes one.
   *
   * @param reader of the disk on which {@code use} lies
   * @param digest of native memory, XXH64; the digests of all pieces are digested in turn
   */
  public static Fingerprint take(
      DiskUse use, Disks.Reader reader, ToLongFunction<MemorySegment> digest) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(PIECE + 2L * Disks.ALIGNMENT, Disks.ALIGNMENT);
      MemorySegment chain = arena.allocate(2L * Long.BYTES, Long.BYTES);
      for (ByteRanges ranges : use.watched()) {
        for (ByteRanges range : ranges.single()) {
          for (long at = range.start(); at < range.end(); at += PIECE) {
            MemorySegment piece = read(reader, at, Math.min(PIECE, range.end() - at), buffer);
            chain.set(LONG, Long.BYTES, digest.applyAsLong(piece));
            chain.set(LONG, 0, digest.applyAsLong(chain));
          }
        }
      }
      return new Fingerprint(use, chain.get(LONG, 0));
    }
  }

  private static MemorySegment read(
      Disks.Reader reader, long start, long length, MemorySegment buffer) throws IOException {
    long first = Pages.alignDown(start, Disks.ALIGNMENT);
    long last = Pages.alignUp(start + length, Disks.ALIGNMENT);
    reader.read(first, buffer.asSlice(0, last - first));
    return buffer.asSlice(start - first, length);
  }

  /** As one line of text without control characters. */
  public String text() {
    return use.words().with("digest", HexFormat.of().toHexDigits(digest)).toString();
  }

  /**
   * Reads what {@link #text} writes.
   *
   * @throws IllegalArgumentException if it is not that
   */
  public static Fingerprint parse(String line) {
    Words words = Words.parse(line);
    return new Fingerprint(DiskUse.of(words), words.bits("digest"));
  }
}
