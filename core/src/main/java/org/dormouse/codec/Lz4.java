package org.dormouse.codec;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** LZ4's block format, without a frame. */
public final class Lz4 {
  /** Compresses; one for each thread, used again and again. */
  static final class Compressing implements Compressor {
    private final MemorySegment state;
    private final int acceleration;

    /**
     * A compressor.
     *
     * @param arena owns its state, some 16 KiB
     * @param acceleration that of {@code LZ4_compress_fast}: 1 compresses best, more is faster
     */
    Compressing(Arena arena, int acceleration) {
      this.state = arena.allocate(compressorBytes(), Long.BYTES);
      this.acceleration = acceleration;
    }

    @Override
    public int compress(MemorySegment source, MemorySegment target) {
      int length =
          (int)
              CFunction.LZ4_COMPRESS.call(
                  state,
                  source,
                  target,
                  CFunction.number(source.byteSize()),
                  target.byteSize(),
                  acceleration);
      if (length <= 0) {
        throw new IllegalStateException(
            "LZ4 cannot put " + source.byteSize() + " bytes into " + target.byteSize());
      }
      return length;
    }
  }

  private Lz4() {}

  /** The size of a compressor's state, in bytes: 16 KiB. */
  static long compressorBytes() {
    return (int)
        CFunction.LZ4_STATE_SIZE.call(
            MemorySegment.NULL, MemorySegment.NULL, MemorySegment.NULL, MemorySegment.NULL, 0, 0);
  }

  /** How many bytes {@code length} bytes may need: {@code LZ4_COMPRESSBOUND} in {@code lz4.h}. */
  public static long bound(long length) {
    return length + length / 255 + 16;
  }

  /**
   * Decompresses {@code source} into {@code target}; never writes outside it.
   *
   * @return the decompressed length in bytes, negative if {@code source} makes no sense
   */
  public static int decompress(MemorySegment source, MemorySegment target) {
    return (int)
        CFunction.LZ4_DECOMPRESS.call(
            source,
            target,
            CFunction.number(source.byteSize()),
            CFunction.number(target.byteSize()),
            0,
            0);
  }
}
