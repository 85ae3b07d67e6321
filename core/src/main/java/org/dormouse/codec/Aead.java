package org.dormouse.codec;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * Authenticated encryption with one key, by libcrypto. One for each thread, used again and again;
 * the key is wiped when it is closed. It never sees to it that a nonce is used once: whoever calls
 * it does.
 */
public final class Aead implements AutoCloseable {
  /** The ciphers. Both take a key of 32 bytes and a nonce of 12, and make a tag of 16. */
  public enum Cipher {
    /** AES-256-GCM, NIST SP 800-38D: where the processor has instructions for it. */
    AES_256_GCM("AES-256-GCM"),
    /** ChaCha20-Poly1305, RFC 8439: where it has none. */
    CHACHA20_POLY1305("ChaCha20-Poly1305");

    private final String algorithm;

    Cipher(String algorithm) {
      this.algorithm = algorithm;
    }
  }

  /** The length of a key in bytes. */
  public static final int KEY_BYTES = 32;

  /** The length of a tag in bytes. */
  public static final int TAG_BYTES = 16;

  /** The length of a nonce in bytes; its last four are always zero here. */
  private static final int NONCE_BYTES = 12;

  /** A millisecond without instructions for it, some tens where a processor is emulated. */
  private static final long MEASURED_BYTES = 64 << 10;

  // EVP_CTRL_AEAD_GET_TAG and EVP_CTRL_AEAD_SET_TAG of include/openssl/evp.h
  private static final long GET_TAG = 0x10;
  private static final long SET_TAG = 0x11;

  private static final long ENCRYPT = 1;
  private static final long DECRYPT = 0;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment cipher;
  private final MemorySegment context;
  private final MemorySegment nonce = arena.allocate(NONCE_BYTES, Long.BYTES);
  private final MemorySegment length = arena.allocate(ValueLayout.JAVA_INT);

  /**
   * A cipher with a key.
   *
   * @param key {@link #KEY_BYTES} bytes of native memory, which may be wiped afterwards
   */
  public Aead(Cipher cipher, MemorySegment key) {
    Objects.checkIndex(KEY_BYTES - 1, (int) key.byteSize());
    this.cipher =
        CryptoFunction.CIPHER_FETCH.make(
            MemorySegment.NULL, arena.allocateFrom(cipher.algorithm), MemorySegment.NULL, 0);
    this.context =
        CryptoFunction.CIPHER_CONTEXT_NEW.make(
            MemorySegment.NULL, MemorySegment.NULL, MemorySegment.NULL, 0);
    CryptoFunction.CIPHER_INIT.must(context, this.cipher, key, MemorySegment.NULL, ENCRYPT);
  }

  /**
   * The cipher that this machine is faster at: both encrypt some bytes, with a key for nothing
   * else.
   */
  public static Cipher faster() {
    return time(Cipher.CHACHA20_POLY1305) < time(Cipher.AES_256_GCM)
        ? Cipher.CHACHA20_POLY1305
        : Cipher.AES_256_GCM;
  }

  /** The shorter of two times, in nanoseconds: the first has to find its way into the caches. */
  private static long time(Cipher cipher) {
    long shortest = Long.MAX_VALUE;
    try (Arena arena = Arena.ofConfined();
        Aead tried = new Aead(cipher, arena.allocate(KEY_BYTES))) {
      MemorySegment bytes = arena.allocate(MEASURED_BYTES);
      MemorySegment tag = arena.allocate(TAG_BYTES);
      for (int number = 0; number < 3; number++) {
        long begun = System.nanoTime();
        tried.encrypt(number, MemorySegment.NULL, bytes, tag);
        shortest = Math.min(shortest, System.nanoTime() - begun);
      }
    }
    return shortest;
  }

  /**
   * Whether there is a libcrypto to do it.
   *
   * @return false if it is not installed
   */
  public static boolean isAvailable() {
    try {
      NativeLibrary.crypto();
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /**
   * Encrypts {@code bytes} in place.
   *
   * @param number the first eight bytes of the nonce, little-endian, never used before with this
   *     key
   * @param bound what the tag vouches for besides; may be empty
   * @param bytes at most 2 GiB, may be empty
   * @param tag where the tag goes, {@link #TAG_BYTES} bytes
   */
  public void encrypt(long number, MemorySegment bound, MemorySegment bytes, MemorySegment tag) {
    begin(number, ENCRYPT, bound);
    update(bytes, bytes);
    CryptoFunction.CIPHER_FINAL.must(context, tag, length);
    control(GET_TAG, tag);
  }

  /**
   * Decrypts {@code bytes} in place.
   *
   * @return false if they, {@code number} or {@code bound} are not what was encrypted with this
   *     key: {@code bytes} then hold nothing of worth
   */
  public boolean decrypt(long number, MemorySegment bound, MemorySegment bytes, MemorySegment tag) {
    begin(number, DECRYPT, bound);
    update(bytes, bytes);
    control(SET_TAG, tag);
    return (int) CryptoFunction.CIPHER_FINAL.call(context, nonce, length) == 1;
  }

  private void begin(long number, long direction, MemorySegment bound) {
    nonce.set(ValueLayout.JAVA_LONG, 0, number);
    CryptoFunction.CIPHER_INIT.must(
        context, MemorySegment.NULL, MemorySegment.NULL, nonce, direction);
    update(bound, MemorySegment.NULL);
  }

  private void update(MemorySegment source, MemorySegment target) {
    if (source.byteSize() != 0) {
      CryptoFunction.CIPHER_UPDATE.must(context, target, length, source, source.byteSize());
    }
  }

  private void control(long type, MemorySegment tag) {
    Objects.checkIndex(TAG_BYTES - 1, (int) tag.byteSize());
    CryptoFunction.CIPHER_CONTROL.must(
        context, CFunction.number(type), CFunction.number(TAG_BYTES), tag, 0);
  }

  /** Wipes and frees it. */
  @Override
  public void close() {
    CryptoFunction.CIPHER_CONTEXT_FREE.call(context);
    CryptoFunction.CIPHER_FREE.call(cipher);
    arena.close();
  }
}
