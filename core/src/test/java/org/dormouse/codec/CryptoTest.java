package org.dormouse.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.Random;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** libcrypto against the JDK's own ciphers, and against the vectors of the RFCs. */
class CryptoTest {
  private static final int LONGEST = 70_000;

  @Property(tries = 100)
  void whatIsEncryptedIsWhatTheJdkEncrypts(
      @ForAll long seed,
      @ForAll Aead.Cipher kind,
      @ForAll long number,
      @ForAll @IntRange(max = LONGEST) int length,
      @ForAll @IntRange(max = 100) int bound)
      throws Exception {
    Random random = new Random(seed);
    byte[] key = bytes(random, Aead.KEY_BYTES);
    byte[] plain = bytes(random, length);
    byte[] extra = bytes(random, bound);
    try (Arena arena = Arena.ofConfined();
        Aead aead = new Aead(kind, arena.allocateFrom(ValueLayout.JAVA_BYTE, key))) {
      MemorySegment sealed = arena.allocate(length + Aead.TAG_BYTES);
      for (int again = 0; again < 2; again++) {
        MemorySegment.copy(plain, 0, sealed, ValueLayout.JAVA_BYTE, 0, length);
        MemorySegment bytes = sealed.asSlice(0, length);
        MemorySegment tag = sealed.asSlice(length);
        MemorySegment boundBytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, extra);
        aead.encrypt(number, boundBytes, bytes, tag);
        assertThat(sealed.toArray(ValueLayout.JAVA_BYTE))
            .isEqualTo(ofJdk(kind, key, number, extra, plain));
        assertThat(aead.decrypt(number, boundBytes, bytes, tag)).isTrue();
        assertThat(bytes.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(plain);
      }
    }
  }

  @Property(tries = 100)
  void anyOtherBitIsSeen(
      @ForAll long seed,
      @ForAll Aead.Cipher kind,
      @ForAll @IntRange(min = 1, max = 200) int length,
      @ForAll @IntRange(min = 1, max = 100) int bound) {
    Random random = new Random(seed);
    try (Arena arena = Arena.ofConfined();
        Aead aead = new Aead(kind, arena.allocate(Aead.KEY_BYTES))) {
      MemorySegment all = arena.allocate(bound + length + Aead.TAG_BYTES);
      MemorySegment boundBytes = all.asSlice(0, bound);
      MemorySegment bytes = all.asSlice(bound, length);
      MemorySegment tag = all.asSlice(bound + length);
      aead.encrypt(7, boundBytes, bytes, tag);
      int bit = random.nextInt(Byte.SIZE * (int) all.byteSize());
      byte old = all.get(ValueLayout.JAVA_BYTE, bit / Byte.SIZE);
      all.set(ValueLayout.JAVA_BYTE, bit / Byte.SIZE, (byte) (old ^ (1 << (bit % Byte.SIZE))));
      MemorySegment copy = arena.allocate(length).copyFrom(bytes);
      assertThat(aead.decrypt(7, boundBytes, bytes, tag)).isFalse();
      bytes.copyFrom(copy);
      all.set(ValueLayout.JAVA_BYTE, bit / Byte.SIZE, old);
      if (bit / Byte.SIZE >= bound && bit / Byte.SIZE < bound + length) {
        bytes.set(ValueLayout.JAVA_BYTE, bit / Byte.SIZE - bound, old);
      }
      MemorySegment good = arena.allocate(length).copyFrom(bytes);
      assertThat(aead.decrypt(8, boundBytes, bytes, tag)).isFalse();
      bytes.copyFrom(good);
      assertThat(aead.decrypt(7, boundBytes, bytes, tag)).isTrue();
    }
  }

  /** RFC 7748, 6.1. */
  @Test
  void keysOfRfc7748() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment alice =
          hex(arena, "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
      MemorySegment bob =
          hex(arena, "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
      MemorySegment alicePublic = arena.allocate(X25519.BYTES);
      MemorySegment bobPublic = arena.allocate(X25519.BYTES);
      X25519.publicKey(alice, alicePublic);
      X25519.publicKey(bob, bobPublic);
      assertThat(digits(alicePublic))
          .isEqualTo("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
      assertThat(digits(bobPublic))
          .isEqualTo("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
      MemorySegment shared = arena.allocate(X25519.BYTES);
      assertThat(X25519.agree(alice, bobPublic, shared)).isTrue();
      String both = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";
      assertThat(digits(shared)).isEqualTo(both);
      assertThat(X25519.agree(bob, alicePublic, shared)).isTrue();
      assertThat(digits(shared)).isEqualTo(both);
      assertThat(X25519.agree(alice, arena.allocate(X25519.BYTES), shared)).isFalse();
    }
  }

  /** RFC 5869, A.1. */
  @Test
  void keyOfRfc5869() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment key = arena.allocate(42);
      Hkdf.derive(
          hex(arena, "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"),
          hex(arena, "000102030405060708090a0b0c"),
          hex(arena, "f0f1f2f3f4f5f6f7f8f9"),
          key);
      assertThat(digits(key))
          .isEqualTo(
              "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
    }
  }

  @Test
  void aKeyOfAnotherLengthIsRefused() {
    try (Arena arena = Arena.ofConfined()) {
      assertThatThrownBy(() -> new Aead(Aead.Cipher.AES_256_GCM, arena.allocate(31)))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  private static byte[] ofJdk(Aead.Cipher kind, byte[] key, long number, byte[] extra, byte[] plain)
      throws Exception {
    byte[] nonce = new byte[12];
    for (int i = 0; i < Long.BYTES; i++) {
      nonce[i] = (byte) (number >>> (Byte.SIZE * i));
    }
    javax.crypto.Cipher cipher =
        javax.crypto.Cipher.getInstance(
            kind == Aead.Cipher.AES_256_GCM ? "AES/GCM/NoPadding" : "ChaCha20-Poly1305");
    cipher.init(
        javax.crypto.Cipher.ENCRYPT_MODE,
        new SecretKeySpec(key, kind == Aead.Cipher.AES_256_GCM ? "AES" : "ChaCha20"),
        kind == Aead.Cipher.AES_256_GCM
            ? new GCMParameterSpec(128, nonce)
            : new IvParameterSpec(nonce));
    cipher.updateAAD(extra);
    return cipher.doFinal(plain);
  }

  private static byte[] bytes(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static String digits(MemorySegment bytes) {
    return HexFormat.of().formatHex(bytes.toArray(ValueLayout.JAVA_BYTE));
  }

  private static MemorySegment hex(Arena arena, String digits) {
    return arena.allocateFrom(ValueLayout.JAVA_BYTE, HexFormat.of().parseHex(digits));
  }
}
