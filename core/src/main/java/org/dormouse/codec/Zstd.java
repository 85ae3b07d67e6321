package org.dormouse.codec;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Zstandard (RFC 8878), one frame at a time. */
public final class Zstd {
  /** The lowest level: faster ones (negative) compress no better than LZ4. */
  public static final int LOWEST_LEVEL = 1;

  /** The highest level; those beyond need hundreds of MiB for each thread. */
  public static final int HIGHEST_LEVEL = 19;

  /** Compresses; one for each thread, used again and again. */
  static final class Compressing implements Compressor {
    private final MemorySegment context;
    private final int level;

    Compressing(Arena arena, int level) {
      long bytes = compressorBytes(level);
      this.context = arena.allocate(bytes, Long.BYTES);
      this.level = level;
      ZstdFunction.INIT_COMPRESSION.call(
          context, CFunction.number(bytes), 0, MemorySegment.NULL, 0, 0);
    }

    @Override
    public int compress(MemorySegment source, MemorySegment target) {
      long length =
          ZstdFunction.COMPRESS.call(
              context, target, target.byteSize(), source, source.byteSize(), level);
      if (ZstdFunction.isError(length)) {
        throw new IllegalStateException(
            String.format(
                "zstd cannot put %d bytes into %d: error %d",
                source.byteSize(), target.byteSize(), -length));
      }
      return (int) length;
    }
  }

  /** Decompresses; one for each thread, used again and again. */
  public static final class Decompressor {
    private final MemorySegment context;

    /**
     * A decompressor.
     *
     * @param arena owns its state, some 100 KiB
     */
    public Decompressor(Arena arena) {
      long bytes =
          ZstdFunction.DECOMPRESSION_SIZE.call(
              MemorySegment.NULL, MemorySegment.NULL, 0, MemorySegment.NULL, 0, 0);
      this.context = arena.allocate(bytes, Long.BYTES);
      ZstdFunction.INIT_DECOMPRESSION.call(
          context, CFunction.number(bytes), 0, MemorySegment.NULL, 0, 0);
    }

    /**
     * Decompresses {@code source}, which is to be one frame, into {@code target}; never writes
     * outside it.
     *
     * @return the decompressed length in bytes, negative if {@code source} makes no sense
     */
    public long decompress(MemorySegment source, MemorySegment target) {
      return ZstdFunction.DECOMPRESS.call(
          context, target, target.byteSize(), source, source.byteSize(), 0);
    }
  }

  private static final long SMALL = 128 << 10;

  private Zstd() {}

  /** The size of a compressor's state, in bytes: from 570 KiB of level 1 to 81 MiB of level 19. */
  static long compressorBytes(int level) {
    return ZstdFunction.COMPRESSION_SIZE.call(
        CFunction.number(level), MemorySegment.NULL, 0, MemorySegment.NULL, 0, 0);
  }

  /** How many bytes {@code length} bytes may need: {@code ZSTD_COMPRESSBOUND} in {@code zstd.h}. */
  public static long bound(long length) {
    return length + (length >>> 8) + (length < SMALL ? (SMALL - length) >>> 11 : 0);
  }
}
