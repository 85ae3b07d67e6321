package org.dormouse.seal;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Optional;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;
import org.dormouse.codec.Aead;
import org.dormouse.linux.LinuxException;
import org.dormouse.linux.LockedMemory;
import org.dormouse.linux.RandomBytes;

/**
 * A {@link WakeKey}, locked by a passphrase: Argon2id (RFC 9106, version 0x13) makes of it the key
 * of a ChaCha20-Poly1305 around the wake key's bytes, with nonce 0 and nothing bound. Every lock
 * has a salt of its own, so that this key is used once.
 *
 * @param memoryKib the memory that a try takes, in KiB: at most 20 MiB, which a saver has
 * @param passes how often it is gone over
 * @param salt 16 bytes in hexadecimal digits
 * @param locked the wake key and its tag, in hexadecimal digits
 */
public record PassphraseLock(int memoryKib, int passes, String salt, String locked) {
  /**
   * What OWASP's Password Storage Cheat Sheet has beside 19 MiB and two passes as of the same
   * strength: a saver has a Java heap of 32 MiB.
   */
  private static final int MEMORY_KIB = 12 << 10;

  private static final int PASSES = 3;
  private static final int MOST_MEMORY_KIB = 20 << 10;
  private static final int MOST_PASSES = 16;
  private static final int SALT_BYTES = 16;
  private static final int LOCKED_BYTES = WakeKey.BYTES + Aead.TAG_BYTES;
  private static final String ALGORITHM = "argon2id";
  private static final int WORDS = 5;

  /**
   * Checks the bounds: whoever puts other figures into a store must not stop the machine.
   *
   * @throws IllegalArgumentException if something is out of them
   */
  public PassphraseLock {
    if (memoryKib < 8 || memoryKib > MOST_MEMORY_KIB || passes < 1 || passes > MOST_PASSES) {
      throw new IllegalArgumentException("Argon2id with " + memoryKib + " KiB, " + passes);
    }
    Hex.check(salt, SALT_BYTES);
    Hex.check(locked, LOCKED_BYTES);
  }

  /** Locks a key. */
  static PassphraseLock of(WakeKey key, Passphrase passphrase) throws LinuxException {
    return of(key, passphrase, MEMORY_KIB, PASSES);
  }

  static PassphraseLock of(WakeKey key, Passphrase passphrase, int memoryKib, int passes)
      throws LinuxException {
    try (Arena arena = Arena.ofConfined();
        LockedMemory copy = LockedMemory.of(LOCKED_BYTES)) {
      MemorySegment salt = arena.allocate(SALT_BYTES);
      RandomBytes.fill(salt);
      MemorySegment secret = copy.memory().asSlice(0, WakeKey.BYTES);
      MemorySegment tag = copy.memory().asSlice(WakeKey.BYTES);
      secret.copyFrom(key.bytes());
      try (Aead cipher = cipher(passphrase, memoryKib, passes, salt)) {
        cipher.encrypt(0, MemorySegment.NULL, secret, tag);
      }
      return new PassphraseLock(memoryKib, passes, Hex.of(salt), Hex.of(copy.memory()));
    }
  }

  /** The key, if this is the passphrase. */
  public Optional<WakeKey> open(Passphrase passphrase) throws LinuxException {
    try (Arena arena = Arena.ofConfined();
        LockedMemory copy = LockedMemory.of(LOCKED_BYTES)) {
      copy.memory().copyFrom(Hex.bytes(arena, locked, LOCKED_BYTES));
      MemorySegment secret = copy.memory().asSlice(0, WakeKey.BYTES);
      MemorySegment tag = copy.memory().asSlice(WakeKey.BYTES);
      MemorySegment saltBytes = Hex.bytes(arena, salt, SALT_BYTES);
      try (Aead cipher = cipher(passphrase, memoryKib, passes, saltBytes)) {
        return cipher.decrypt(0, MemorySegment.NULL, secret, tag)
            ? Optional.of(WakeKey.copyOf(secret))
            : Optional.empty();
      }
    }
  }

  /**
   * The cipher whose key a passphrase makes. Bouncy Castle wants its secrets on the heap, which a
   * garbage collector copies about. So its memory is taken first; what is secret is made after
   * that, when next to nothing is allocated any more, and wiped in its place.
   */
  private static Aead cipher(Passphrase passphrase, int memoryKib, int passes, MemorySegment salt)
      throws LinuxException {
    Argon2BytesGenerator generator = new Argon2BytesGenerator();
    generator.init(
        new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
            .withVersion(Argon2Parameters.ARGON2_VERSION_13)
            .withMemoryAsKB(memoryKib)
            .withIterations(passes)
            .withParallelism(1)
            .withSalt(salt.toArray(ValueLayout.JAVA_BYTE))
            .build());
    byte[] secret = new byte[passphrase.length()];
    byte[] key = new byte[Aead.KEY_BYTES];
    try (LockedMemory memory = LockedMemory.of(Aead.KEY_BYTES)) {
      MemorySegment.copy(
          passphrase.bytes(), ValueLayout.JAVA_BYTE, 0, secret, 0, passphrase.length());
      generator.generateBytes(secret, key);
      MemorySegment.copy(key, 0, memory.memory(), ValueLayout.JAVA_BYTE, 0, key.length);
      return new Aead(Aead.Cipher.CHACHA20_POLY1305, memory.memory());
    } finally {
      Arrays.fill(secret, (byte) 0);
      Arrays.fill(key, (byte) 0);
    }
  }

  /** The same as one value of a line. */
  String text() {
    return ALGORITHM + " " + memoryKib + " " + passes + " " + salt + " " + locked;
  }

  /**
   * What {@link #text} made.
   *
   * @throws IllegalArgumentException if it makes no sense
   */
  static PassphraseLock parse(String text) {
    String[] words = text.split(" ", -1);
    if (words.length != WORDS || !words[0].equals(ALGORITHM)) {
      throw new IllegalArgumentException("not a key behind a passphrase: " + text);
    }
    return new PassphraseLock(
        Integer.parseInt(words[1]), Integer.parseInt(words[2]), words[3], words[4]);
  }
}
