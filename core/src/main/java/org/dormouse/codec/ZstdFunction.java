package org.dormouse.codec;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The C functions in use of {@code zstd.h}, some of them of its part for static linking, which the
 * library exports too. Apart from {@link CFunction}: linked only where Zstandard is used.
 *
 * <p>All are called through one handle, as there; a context for compression, or for decompression,
 * lives in memory that the caller gives.
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

  private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG;
  private static final MethodHandle CALL =
      Linker.nativeLinker()
          .downcallHandle(
              FunctionDescriptor.of(
                  WORD,
                  ValueLayout.ADDRESS,
                  ValueLayout.ADDRESS,
                  WORD,
                  ValueLayout.ADDRESS,
                  WORD,
                  WORD));

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
    try {
      return (long) CALL.invokeExact(function, first, second, third, fourth, fifth, sixth);
    } catch (RuntimeException e) {
      // What the linker refuses: memory of the heap, memory that is gone.
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("cannot call " + this, e);
    }
  }

  /** {@code ZSTD_isError()}. */
  static boolean isError(long result) {
    return result < 0 && result >= LAST_ERROR;
  }
}
