package org.dormouse.codec;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** HKDF with SHA-256, RFC 5869, by libcrypto. */
public final class Hkdf {
  // struct ossl_param_st of include/openssl/core.h: name, type, data, size, returned size
  private static final int PARAMETER_BYTES = 40;
  private static final int TYPE = 8;
  private static final int DATA = 16;
  private static final int SIZE = 24;
  private static final int TEXT = 4;
  private static final int OCTETS = 5;
  private static final int PARAMETERS = 4;

  private Hkdf() {}

  /**
   * Derives a key.
   *
   * @param secret what it is derived from, native memory
   * @param salt not secret, native memory
   * @param info what the key is for, native memory
   * @param key is filled
   */
  public static void derive(
      MemorySegment secret, MemorySegment salt, MemorySegment info, MemorySegment key) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment parameters = arena.allocate((PARAMETERS + 1L) * PARAMETER_BYTES, Long.BYTES);
      MemorySegment digest = arena.allocateFrom("SHA256");
      put(arena, parameters, 0, "digest", TEXT, digest.asSlice(0, digest.byteSize() - 1));
      put(arena, parameters, 1, "key", OCTETS, secret);
      put(arena, parameters, 2, "salt", OCTETS, salt);
      put(arena, parameters, 3, "info", OCTETS, info);
      MemorySegment kdf =
          CryptoFunction.KDF_FETCH.make(
              MemorySegment.NULL, arena.allocateFrom("HKDF"), MemorySegment.NULL, 0);
      MemorySegment context =
          CryptoFunction.KDF_CONTEXT_NEW.make(kdf, MemorySegment.NULL, MemorySegment.NULL, 0);
      try {
        CryptoFunction.KDF_DERIVE.must(
            context, key, CFunction.number(key.byteSize()), parameters, 0);
      } finally {
        CryptoFunction.KDF_CONTEXT_FREE.call(context);
        CryptoFunction.KDF_FREE.call(kdf);
      }
    }
  }

  private static void put(
      Arena arena, MemorySegment table, int index, String name, int type, MemorySegment data) {
    MemorySegment parameter = table.asSlice((long) index * PARAMETER_BYTES, PARAMETER_BYTES);
    parameter.set(ValueLayout.ADDRESS, 0, arena.allocateFrom(name));
    parameter.set(ValueLayout.JAVA_INT, TYPE, type);
    parameter.set(ValueLayout.ADDRESS, DATA, data);
    parameter.set(ValueLayout.JAVA_LONG, SIZE, data.byteSize());
  }
}
