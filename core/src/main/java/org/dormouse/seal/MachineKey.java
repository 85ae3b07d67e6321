package org.dormouse.seal;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.UUID;
import org.dormouse.codec.Aead;
import org.dormouse.codec.X25519;
import org.dormouse.linux.LinuxException;
import org.dormouse.linux.LockedMemory;
import org.dormouse.linux.RandomBytes;

/**
 * What a machine keeps to seal its images, which it cannot open with it: the public half of its key
 * pair, a secret of its own by which the wake knows that it was this machine that has sealed, and,
 * if a passphrase is to open them, the private half behind that. Wiped when closed.
 */
public final class MachineKey implements AutoCloseable {
  /** The most that its file has, in bytes. */
  public static final int FILE_BYTES = 4096;

  /** The length of the machine's secret in bytes. */
  static final int SECRET_BYTES = 32;

  static final String PUBLIC = "public";
  static final String SECRET = "machine";
  static final String PASSPHRASE = "passphrase";

  private final String publicKey;
  private final LockedMemory secret;
  private final Optional<PassphraseLock> lock;

  private MachineKey(String publicKey, LockedMemory secret, Optional<PassphraseLock> lock) {
    this.publicKey = publicKey;
    this.secret = secret;
    this.lock = lock;
  }

  static MachineKey of(String publicKey, MemorySegment secret, Optional<PassphraseLock> lock)
      throws LinuxException {
    MachineKey key = new MachineKey(publicKey, LockedMemory.of(SECRET_BYTES), lock);
    key.secret.memory().copyFrom(secret);
    return key;
  }

  /**
   * Reads the machine's file.
   *
   * @param text native memory with all of it
   * @throws IllegalArgumentException if it is not one
   */
  public static MachineKey read(MemorySegment text) throws LinuxException {
    KeyText lines = KeyText.of(text);
    if (!lines.isKey()) {
      throw new IllegalArgumentException("it does not begin as a key file does");
    }
    String publicKey = lines.find(PUBLIC).orElse("");
    Hex.check(publicKey, X25519.BYTES);
    Optional<PassphraseLock> lock = lines.find(PASSPHRASE).map(PassphraseLock::parse);
    LockedMemory secret = LockedMemory.of(SECRET_BYTES);
    try {
      lines.read(SECRET, secret.memory());
    } catch (IllegalArgumentException e) {
      secret.close();
      throw e;
    }
    return new MachineKey(publicKey, secret, lock);
  }

  /**
   * Writes the machine's file.
   *
   * @param text native memory of {@link #FILE_BYTES}
   * @return its length in bytes
   */
  public long write(MemorySegment text) {
    KeyText lines = KeyText.begin(text).line(PUBLIC, publicKey).secret(SECRET, secret.memory());
    lock.ifPresent(locked -> lines.line(PASSPHRASE, locked.text()));
    return lines.length();
  }

  /** The public half, in hexadecimal digits. */
  public String publicKey() {
    return publicKey;
  }

  /** The private half behind a passphrase, if it is kept so. */
  public Optional<PassphraseLock> lock() {
    return lock;
  }

  /**
   * Puts an image's key into an envelope that only the wake key opens.
   *
   * @param image the image's UUID
   */
  public Envelope seal(UUID image, ImageKey key) throws LinuxException {
    try (Arena arena = Arena.ofConfined();
        LockedMemory once = LockedMemory.of(X25519.BYTES);
        LockedMemory agreed = LockedMemory.of(WakeKey.BYTES)) {
      RandomBytes.fill(once.memory());
      MemorySegment ephemeral = arena.allocate(X25519.BYTES);
      X25519.publicKey(once.memory(), ephemeral);
      MemorySegment shared = agreed.memory().asSlice(0, X25519.BYTES);
      if (!X25519.agree(once.memory(), Hex.bytes(arena, publicKey, X25519.BYTES), shared)) {
        throw new IllegalArgumentException(publicKey + " is no public key");
      }
      agreed.memory().asSlice(X25519.BYTES).copyFrom(secret.memory());
      MemorySegment wrapped = arena.allocate(Envelope.WRAPPED_BYTES);
      try (Aead cipher = WakeKey.wrapping(agreed.memory(), publicKey, ephemeral, image);
          LockedMemory copy = LockedMemory.of(ImageKey.BYTES)) {
        copy.memory().copyFrom(key.bytes());
        cipher.encrypt(0, MemorySegment.NULL, copy.memory(), wrapped.asSlice(ImageKey.BYTES));
        wrapped.asSlice(0, ImageKey.BYTES).copyFrom(copy.memory());
      }
      return new Envelope(publicKey, Hex.of(ephemeral), Hex.of(wrapped), lock);
    }
  }

  @Override
  public void close() {
    secret.close();
  }
}
