package org.dormouse.codec;

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
        bytes, CFunction.number(bytes.byteSize()), MemorySegment.NULL, 0, 0, 0);
  }
}
