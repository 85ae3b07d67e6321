package org.dormouse.codec;

import java.lang.foreign.MemorySegment;

/** Compresses; for one thread, used again and again. */
public interface Compressor {
  /**
   * Compresses {@code source} into {@code target}, which has room for the codec's bound of it.
   *
   * @return the compressed length in bytes; if that is not less than the length of {@code source},
   *     the source had better be stored as it is
   */
  int compress(MemorySegment source, MemorySegment target);
}
