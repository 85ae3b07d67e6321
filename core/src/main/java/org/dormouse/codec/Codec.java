package org.dormouse.codec;

import java.lang.foreign.Arena;

/** How bytes are compressed, and how hard. */
public sealed interface Codec {
  /**
   * LZ4's block format.
   *
   * @param acceleration that of {@code LZ4_compress_fast}, 1 or more: 1 compresses best, each more
   *     is a little faster and worse
   */
  record OfLz4(int acceleration) implements Codec {
    /**
     * Checks the acceleration.
     *
     * @throws IllegalArgumentException if it is below 1
     */
    public OfLz4 {
      if (acceleration < 1) {
        throw new IllegalArgumentException("acceleration of " + acceleration);
      }
    }

    @Override
    public long compressorBytes() {
      return Lz4.compressorBytes();
    }

    @Override
    public Compressor compressor(Arena arena) {
      return new Lz4.Compressing(arena, acceleration);
    }
  }

  /**
   * Zstandard.
   *
   * @param level {@link Zstd#LOWEST_LEVEL} to {@link Zstd#HIGHEST_LEVEL}; a higher one compresses
   *     better, takes longer, and more memory
   */
  record OfZstd(int level) implements Codec {
    /**
     * Checks the level.
     *
     * @throws IllegalArgumentException if there is no such level
     */
    public OfZstd {
      if (level < Zstd.LOWEST_LEVEL || level > Zstd.HIGHEST_LEVEL) {
        throw new IllegalArgumentException(
            String.format(
                "zstd has levels %d to %d, not %d", Zstd.LOWEST_LEVEL, Zstd.HIGHEST_LEVEL, level));
      }
    }

    @Override
    public long compressorBytes() {
      return Zstd.compressorBytes(level);
    }

    @Override
    public Compressor compressor(Arena arena) {
      return new Zstd.Compressing(arena, level);
    }
  }

  /** How much memory a compressor takes, in bytes. */
  long compressorBytes();

  /** A compressor for one thread; {@code arena} owns its memory. */
  Compressor compressor(Arena arena);
}
