package org.dormouse.image;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.Objects;

/**
 * How the pages of a chunk become bytes of the store, and the checksum of those: LZ4 and XXH3-64,
 * native code on native memory. For use by one thread.
 */
final class Codec {
  /** A chunk that is stored as it is. */
  static final int RAW = 0;

  /** A chunk that is stored as one LZ4 block (the block format, without a frame). */
  static final int LZ4 = 1;

  /** {@code LZ4_STREAM_MINSIZE} in {@code lz4.h}, which is what the state needs at most. */
  private static final long STATE_BYTES = (1 << 14) + 32;

  /** {@code acceleration} of {@code LZ4_compress_fast}: 1 packs best, more is faster. */
  private static final int ACCELERATION = 1;

  /** {@code sizeof(XXH3_state_t)} is 576 in {@code xxhash.h} 0.8; with room to grow. */
  private static final long HASH_STATE_BYTES = 1024;

  /** {@code XXH_ALIGN_MEMBER(64, acc)} in {@code xxhash.h}. */
  private static final long HASH_STATE_ALIGNMENT = 64;

  private final MemorySegment state;

  /** A codec whose state is owned by {@code arena}. */
  Codec(Arena arena) {
    state = arena.allocate(STATE_BYTES, Long.BYTES);
  }

  /** How much room {@link #pack} needs for {@code length} bytes: {@code LZ4_COMPRESSBOUND}. */
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
    try {
      long packed =
          CFunction.LZ4_COMPRESS.call(
              state.address(),
              address(source),
              address(target),
              source.byteSize(),
              target.byteSize(),
              ACCELERATION);
      if ((int) packed <= 0) {
        throw new IllegalStateException(
            "LZ4 cannot pack " + source.byteSize() + " bytes into " + target.byteSize());
      }
      return (int) packed;
    } finally {
      Reference.reachabilityFence(source);
      Reference.reachabilityFence(target);
    }
  }

  /**
   * Unpacks {@code packed} into {@code target}; never writes outside it.
   *
   * @return the unpacked length in bytes, negative if {@code packed} makes no sense
   */
  static int unpack(MemorySegment packed, MemorySegment target) {
    try {
      return (int)
          CFunction.LZ4_DECOMPRESS.call(
              address(packed), address(target), packed.byteSize(), target.byteSize(), 0, 0);
    } finally {
      Reference.reachabilityFence(packed);
      Reference.reachabilityFence(target);
    }
  }

  /**
   * Whether {@code bytes} are those that {@code longer} begins with. {@link MemorySegment#mismatch}
   * would do, and takes ten times as long under emulation, where the instructions it uses are slow.
   */
  static boolean same(MemorySegment bytes, MemorySegment longer) {
    Objects.checkFromIndexSize(0, bytes.byteSize(), longer.byteSize());
    try {
      return (int) CFunction.MEMCMP.call(address(bytes), address(longer), bytes.byteSize(), 0, 0, 0)
          == 0;
    } finally {
      Reference.reachabilityFence(bytes);
      Reference.reachabilityFence(longer);
    }
  }

  /** XXH3-64, seed 0. */
  static long checksum(MemorySegment bytes) {
    try {
      return CFunction.XXH3.call(address(bytes), bytes.byteSize(), 0, 0, 0, 0);
    } finally {
      Reference.reachabilityFence(bytes);
    }
  }

  /** XXH3-64, seed 0, of the bytes of all parts as if they were one. */
  static long checksum(Iterable<MemorySegment> parts) {
    try (Arena arena = Arena.ofConfined()) {
      long hash = arena.allocate(HASH_STATE_BYTES, HASH_STATE_ALIGNMENT).address();
      CFunction.XXH3_RESET.call(hash, 0, 0, 0, 0, 0);
      for (MemorySegment part : parts) {
        CFunction.XXH3_UPDATE.call(hash, address(part), part.byteSize(), 0, 0, 0);
      }
      return CFunction.XXH3_DIGEST.call(hash, 0, 0, 0, 0, 0);
    } finally {
      Reference.reachabilityFence(parts);
    }
  }

  /** Raw addresses go to native code: a heap segment's would point anywhere. */
  private static long address(MemorySegment memory) {
    if (!memory.isNative()) {
      throw new IllegalArgumentException("not native memory: " + memory);
    }
    return memory.address();
  }
}
