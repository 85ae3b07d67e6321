package org.dormouse.codec;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;

/**
 * The C functions in use of {@code zstd.h}, some of them of its part for static linking, which the
 * library exports too. They are called like those of {@link CFunction}, and apart from them because
 * the library is loaded only where Zstandard is used.
 *
 * <p>A context for compression, or for decompression, lives in memory that the caller gives.
 */
enum ZstdFunction {
  /** {@code size_t (int level)}: the size of what {@link #INIT_COMPRESSION} takes. */
  COMPRESSION_SIZE("ZSTD_estimateCCtxSize"),
  /** {@code ZSTD_CCtx* (void* workspace, size_t workspaceSize)}. */
  INIT_COMPRESSION("ZSTD_initStaticCCtx"),
  /** {@code size_t (ctx, dst, size_t capacity, src, size_t size, int level)}. */
  COMPRESS("ZSTD_compressCCtx"),
  /** {@code size_t (void)}: the size of what {@link #INIT_DECOMPRESSION} takes. */
  DECOMPRESSION_SIZE("ZSTD_estimateDCtxSize"),
  /** {@code ZSTD_DCtx* (void* workspace, size_t workspaceSize)}. */
  INIT_DECOMPRESSION("ZSTD_initStaticDCtx"),
  /** {@code size_t (ctx, dst, size_t capacity, src, size_t size)}. */
  DECOMPRESS("ZSTD_decompressDCtx");

  /** Loaded before the first function is looked up. */
  private static final class Library {
    static final SymbolLookup ZSTD = NativeLibrary.load("zstd");
  }

  /** The largest code of an error, as a negative number: {@code ZSTD_error_maxCode}. */
  private static final long LAST_ERROR = -120;

  @SuppressWarnings("ImmutableEnumChecker") // an address of code, which nobody writes to
  private final MemorySegment function;

  ZstdFunction(String symbol) {
    function = Library.ZSTD.findOrThrow(symbol);
  }

  /** Calls and returns what the function returned. Arguments that are not needed are anything. */
  long call(
      MemorySegment first,
      MemorySegment second,
      long third,
      MemorySegment fourth,
      long fifth,
      long sixth) {
    return CFunction.call(function, first, second, CFunction.number(third), fourth, fifth, sixth);
  }

  /** {@code ZSTD_isError()}. */
  static boolean isError(long result) {
    return result < 0 && result >= LAST_ERROR;
  }
}
