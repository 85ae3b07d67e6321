package org.dormouse.codec;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The C functions in use, of {@code string.h}, {@code lz4.h} and {@code xxhash.h}.
 *
 * <p>All are called through one handle, that of a function of four addresses and two words. What is
 * linked costs at start-up, seconds under emulation, and aircompressor's own bindings link two
 * dozen kinds. A function that takes fewer ignores the rest; one that takes a number where the
 * handle has an address gets it by {@link #number}; one that takes or returns an {@code int} has it
 * in the low half of the word (System V ABI for AMD64, 3.2.3): cast what it returns.
 *
 * <p>Memory is passed as segments, not as bare addresses: while a function runs, its memory cannot
 * be freed, and an arena that is closed already is an exception instead of a wild access.
 */
enum CFunction {
  /** {@code int (first, second, size_t length)}. */
  MEMCMP(NativeLibrary.C, "memcmp"),
  /** {@code int (void)}: the size of what {@link #LZ4_COMPRESS} takes as its state. */
  LZ4_STATE_SIZE(NativeLibrary.LZ4, "LZ4_sizeofState"),
  /** {@code int (void* state, src, dst, int srcSize, int dstCapacity, int acceleration)}. */
  LZ4_COMPRESS(NativeLibrary.LZ4, "LZ4_compress_fast_extState"),
  /** {@code int (src, dst, int compressedSize, int dstCapacity)}. */
  LZ4_DECOMPRESS(NativeLibrary.LZ4, "LZ4_decompress_safe"),
  /** {@code uint64_t (input, size_t length, uint64_t seed)}. */
  XXH64(NativeLibrary.XXHASH, "XXH64");

  private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG;
  private static final MethodHandle CALL =
      Linker.nativeLinker()
          .downcallHandle(
              FunctionDescriptor.of(
                  WORD,
                  ValueLayout.ADDRESS,
                  ValueLayout.ADDRESS,
                  ValueLayout.ADDRESS,
                  ValueLayout.ADDRESS,
                  WORD,
                  WORD));

  @SuppressWarnings("ImmutableEnumChecker") // an address of code, which nobody writes to
  private final MemorySegment function;

  CFunction(SymbolLookup library, String symbol) {
    function = library.findOrThrow(symbol);
  }

  /** A number where the handle has an address. */
  static MemorySegment number(long value) {
    return MemorySegment.ofAddress(value);
  }

  /** Calls and returns what the function returned. Arguments that are not needed are anything. */
  long call(
      MemorySegment first,
      MemorySegment second,
      MemorySegment third,
      MemorySegment fourth,
      long fifth,
      long sixth) {
    return call(function, first, second, third, fourth, fifth, sixth);
  }

  /** The same for a function of another library. */
  static long call(
      MemorySegment function,
      MemorySegment first,
      MemorySegment second,
      MemorySegment third,
      MemorySegment fourth,
      long fifth,
      long sixth) {
    try {
      return (long) CALL.invokeExact(function, first, second, third, fourth, fifth, sixth);
    } catch (RuntimeException e) {
      // What the linker refuses: memory of the heap, memory that is gone.
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("cannot call a C function", e);
    }
  }
}
