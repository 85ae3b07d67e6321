package org.dormouse.image;

import io.airlift.compress.v3.internal.NativeLoader;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;

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
  /** {@code uint64_t (input, size_t length, uint64_t seed)}. */
  XXH64(Library.XXHASH, "XXH64"),
  /** {@code int (XXH64_state_t*, uint64_t seed)}. */
  XXH64_RESET(Library.XXHASH, "XXH64_reset"),
  /** {@code int (XXH64_state_t*, input, size_t length)}. */
  XXH64_UPDATE(Library.XXHASH, "XXH64_update"),
  /** {@code uint64_t (XXH64_state_t*)}. */
  XXH64_DIGEST(Library.XXHASH, "XXH64_digest");

  private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG;
  private static final MethodHandle CALL =
      Linker.nativeLinker()
          .downcallHandle(FunctionDescriptor.of(WORD, WORD, WORD, WORD, WORD, WORD, WORD));

  /** The libraries, each loaded once and for good. */
  private static final class Library {
    static final SymbolLookup C = Linker.nativeLinker().defaultLookup();
    static final SymbolLookup LZ4 = find("lz4");
    static final SymbolLookup XXHASH = find("xxhash");

    /**
     * A Java runtime that was made for Dormouse carries the libraries; else they are unpacked from
     * aircompressor's jar into a temporary file, which takes longer.
     */
    private static SymbolLookup find(String name) {
      Path carried = Path.of(System.getProperty("java.home"), "lib", System.mapLibraryName(name));
      return Files.exists(carried)
          ? SymbolLookup.libraryLookup(carried, Arena.global())
          : NativeLoader.loadLibrary(name);
    }
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
