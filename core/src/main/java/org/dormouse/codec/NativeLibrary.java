package org.dormouse.codec;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** The libraries of C functions, each loaded once and for good. */
final class NativeLibrary {
  static final SymbolLookup C = Linker.nativeLinker().defaultLookup();
  static final SymbolLookup LZ4 = load("lz4");
  static final SymbolLookup XXHASH = load("xxhash");

  /** Where aircompressor's jar keeps what it was built with for x86-64. */
  private static final String IN_JAR = "/aircompressor/linux-amd64/";

  /**
   * OpenSSL's, of the version with this interface: {@code openssl-3.0}, Debian's {@code libssl3}.
   */
  private static final String CRYPTO = "libcrypto.so.3";

  private NativeLibrary() {}

  /**
   * libcrypto, which is large and not always needed, and so is not loaded before somebody asks: the
   * one that a Java runtime made for Dormouse carries, else the system's.
   *
   * @throws IllegalArgumentException if there is none
   */
  static SymbolLookup crypto() {
    Path carried = Path.of(System.getProperty("java.home"), "lib", CRYPTO);
    return Files.exists(carried)
        ? load(carried)
        : SymbolLookup.libraryLookup(CRYPTO, Arena.global());
  }

  /**
   * A Java runtime that was made for Dormouse carries the libraries; else they are unpacked from
   * aircompressor's jar into a temporary file, which takes longer.
   */
  static SymbolLookup load(String name) {
    String file = System.mapLibraryName(name);
    Path carried = Path.of(System.getProperty("java.home"), "lib", file);
    return Files.exists(carried) ? load(carried) : loadFromJar(file);
  }

  private static SymbolLookup load(Path file) {
    return SymbolLookup.libraryLookup(file, Arena.global());
  }

  private static SymbolLookup loadFromJar(String file) {
    try (InputStream library = NativeLibrary.class.getResourceAsStream(IN_JAR.concat(file))) {
      if (library == null) {
        throw new IllegalStateException(
            file + " is neither in the lib folder of the Java runtime nor on the class path");
      }
      Path unpacked = Files.createTempFile("dormouse-", "-".concat(file));
      try {
        Files.copy(library, unpacked, StandardCopyOption.REPLACE_EXISTING);
        return load(unpacked);
      } finally {
        // It stays mapped.
        Files.delete(unpacked);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot unpack " + file, e);
    }
  }
}
