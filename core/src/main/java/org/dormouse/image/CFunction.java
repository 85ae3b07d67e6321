package org.dormouse.image;

import io.airlift.compress.v3.internal.NativeLoader;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The C functions that the image needs, {@code string.h}, and {@code lz4.h} and {@code xxhash.h}
 * out of the libraries that come with aircompressor.
 *
 * <p>All are called through one handle, that of a function of six words. What is linked costs at
 * start-up, seconds under emulation, and aircompressor's own bindings link two dozen kinds. A
 * function that takes fewer words ignores the rest, one that takes or returns an {@code int} has it
 * in the low half of the word (System V ABI for AMD64, 3.2.3): cast what it returns.
 */
enum CFunction {
  /** {@code int (first, second, size_t length)}. */
  MEMCMP(Library.C, "memcmp"),
  /** {@code int (void* state, src, dst, int srcSize, int dstCapacity, int acceleration)}. */
  LZ4_COMPRESS(Library.LZ4, "LZ4_compress_fast_extState"),
  /** {@code int (src, dst, int compressedSize, int dstCapacity)}. */
  LZ4_DECOMPRESS(Library.LZ4, "LZ4_decompress_safe"),
  /** {@code uint64_t (input, size_t length)}. */
  XXH3(Library.XXHASH, "XXH3_64bits_dispatch"),
  /** {@code int (XXH3_state_t*)}. */
  XXH3_RESET(Library.XXHASH, "XXH3_64bits_reset"),
  /** {@code int (XXH3_state_t*, input, size_t length)}. */
  XXH3_UPDATE(Library.XXHASH, "XXH3_64bits_update_dispatch"),
  /** {@code uint64_t (XXH3_state_t*)}. */
  XXH3_DIGEST(Library.XXHASH, "XXH3_64bits_digest");

  private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG;
  private static final MethodHandle CALL =
      Linker.nativeLinker()
          .downcallHandle(FunctionDescriptor.of(WORD, WORD, WORD, WORD, WORD, WORD, WORD));

  /** The libraries, each loaded once and for good. */
  private static final class Library {
    static final SymbolLookup C = Linker.nativeLinker().defaultLookup();
    static final SymbolLookup LZ4 = NativeLoader.loadLibrary("lz4");
    static final SymbolLookup XXHASH = NativeLoader.loadLibrary("xxhash");
  }

  private final long address;

  CFunction(SymbolLookup library, String symbol) {
    address = library.findOrThrow(symbol).address();
  }

  /** Calls and returns what the function returned. Arguments that are not needed are anything. */
  long call(long first, long second, long third, long fourth, long fifth, long sixth) {
    try {
      MemorySegment function = MemorySegment.ofAddress(address);
      return (long) CALL.invokeExact(function, first, second, third, fourth, fifth, sixth);
    } catch (Throwable e) {
      throw new IllegalStateException("cannot call " + this, e);
    }
  }
}
