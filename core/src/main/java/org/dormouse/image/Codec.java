package org.dormouse.image;

import io.airlift.compress.v3.lz4.Lz4NativeCompressor;
import io.airlift.compress.v3.lz4.Lz4NativeDecompressor;
import io.airlift.compress.v3.xxhash.XxHash3Hasher;
import io.airlift.compress.v3.xxhash.XxHash3Native;
import java.lang.foreign.MemorySegment;

/**
 * How the pages of a chunk become bytes of the store, and the checksum of those: LZ4 and XXH3-64,
 * both native code on native memory. For use by one thread.
 */
final class Codec {
  /** A chunk that is stored as it is. */
  static final int RAW = 0;

  /** A chunk that is stored as one LZ4 block (the block format, without a frame). */
  static final int LZ4 = 1;

  /** The most room, in bytes, that packing a chunk can need. */
  static final long MOST_PACKED = packedBound(WindowPages.BYTES);

  private final Lz4NativeCompressor compressor = new Lz4NativeCompressor();
  private final Lz4NativeDecompressor decompressor = new Lz4NativeDecompressor();

  /**
   * How much room {@link #pack} needs for {@code length} bytes: {@code LZ4_COMPRESSBOUND} in {@code
   * lz4.h}.
   */
  static long packedBound(long length) {
    return length + length / 255 + 16;
  }

  /**
   * Packs {@code source} into {@code target}, which has room for {@link #packedBound} of it.
   *
   * @return the packed length in bytes; if that is not less than the length of {@code source}, the
   *     source had better be stored as it is
   */
  int pack(MemorySegment source, MemorySegment target) {
    return compressor.compress(source, target);
  }

  /**
   * Unpacks {@code packed} into {@code target}; never writes outside it.
   *
   * @return the unpacked length in bytes, negative if {@code packed} makes no sense
   */
  int unpack(MemorySegment packed, MemorySegment target) {
    try {
      return decompressor.decompress(packed, target);
    } catch (IllegalArgumentException e) {
      return -1;
    }
  }

  /** XXH3-64, seed 0, of native memory. */
  static long checksum(MemorySegment bytes) {
    return XxHash3Native.hash(bytes);
  }

  /** XXH3-64, seed 0, of an array. */
  static long checksum(byte[] bytes) {
    return XxHash3Native.hash(bytes);
  }

  /** XXH3-64, seed 0, of what is given to it piece by piece. The caller closes it. */
  static XxHash3Hasher checksum() {
    return XxHash3Native.newHasher();
  }
}
