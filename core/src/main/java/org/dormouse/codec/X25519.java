package org.dormouse.codec;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * The key agreement X25519, RFC 7748, by libcrypto. The JDK's own keeps keys in objects that nobody
 * can wipe.
 */
public final class X25519 {
  /** The length of a private key, a public key and a shared secret in bytes. */
  public static final int BYTES = 32;

  /** {@code EVP_PKEY_X25519}: {@code NID_X25519} of include/openssl/obj_mac.h. */
  private static final long TYPE = 1034;

  private X25519() {}

  /**
   * Computes the public key of a private one.
   *
   * @param privateKey any {@link #BYTES} bytes of native memory
   * @param publicKey is filled
   */
  public static void publicKey(MemorySegment privateKey, MemorySegment publicKey) {
    MemorySegment key = key(CryptoFunction.PRIVATE_KEY, privateKey);
    try (Arena arena = Arena.ofConfined()) {
      CryptoFunction.PUBLIC_KEY_BYTES.must(key, checked(publicKey), length(arena));
    } finally {
      CryptoFunction.KEY_FREE.call(key);
    }
  }

  /**
   * Computes what only the two owners can.
   *
   * @param privateKey one's own
   * @param publicKey the other's
   * @param shared is filled
   * @return false if {@code publicKey} is one of the few that make no secret
   */
  public static boolean agree(
      MemorySegment privateKey, MemorySegment publicKey, MemorySegment shared) {
    MemorySegment own = key(CryptoFunction.PRIVATE_KEY, privateKey);
    MemorySegment peer = key(CryptoFunction.PUBLIC_KEY, publicKey);
    MemorySegment context =
        CryptoFunction.KEY_CONTEXT_NEW.make(own, MemorySegment.NULL, MemorySegment.NULL, 0);
    try (Arena arena = Arena.ofConfined()) {
      CryptoFunction.DERIVE_INIT.must(context, MemorySegment.NULL, MemorySegment.NULL);
      CryptoFunction.DERIVE_SET_PEER.must(context, peer, MemorySegment.NULL);
      return (int) CryptoFunction.DERIVE.call(context, checked(shared), length(arena)) == 1;
    } finally {
      CryptoFunction.KEY_CONTEXT_FREE.call(context);
      CryptoFunction.KEY_FREE.call(peer);
      CryptoFunction.KEY_FREE.call(own);
    }
  }

  private static MemorySegment key(CryptoFunction make, MemorySegment bytes) {
    return make.make(CFunction.number(TYPE), MemorySegment.NULL, checked(bytes), BYTES);
  }

  private static MemorySegment length(Arena arena) {
    return arena.allocateFrom(ValueLayout.JAVA_LONG, BYTES);
  }

  private static MemorySegment checked(MemorySegment bytes) {
    Objects.checkIndex(BYTES - 1, (int) bytes.byteSize());
    return bytes;
  }
}
