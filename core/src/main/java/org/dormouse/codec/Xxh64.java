package org.dormouse.codec;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * XXH64: finds accidents, not forgery.
 *
 * <p>Not the newer XXH3: without vector instructions, as under emulation, XXH64 is ten times as
 * fast; with them either is faster than any disk.
 */
public final class Xxh64 {
  private Xxh64() {}

  /** XXH64 with seed 0 of native memory. */
  public static long of(MemorySegment bytes) {
    return CFunction.XXH64.call(
        bytes, CFunction.number(bytes.byteSize()), MemorySegment.NULL, MemorySegment.NULL, 0, 0);
  }

  /**
   * Links the native functions of all codecs, which the first call of any does otherwise: a quarter
   * of a second where a virtual machine is emulated, time in which a program can do other things.
   */
  public static void link() {
    try (Arena arena = Arena.ofConfined()) {
      of(arena.allocate(Long.BYTES));
    }
  }
}
