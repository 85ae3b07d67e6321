package org.dormouse.seal;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.UUID;
import org.dormouse.codec.Aead;
import org.dormouse.codec.Hkdf;
import org.dormouse.codec.X25519;
import org.dormouse.linux.LinuxException;
import org.dormouse.linux.LockedMemory;
import org.dormouse.linux.RandomBytes;

/**
 * What opens a machine's images: the private half of its key pair, and the machine's secret, by
 * which images of this machine are told from those that anybody can make who has seen the public
 * half. Wiped when closed.
 */
public final class WakeKey implements AutoCloseable {
  /** The length of both in bytes. */
  static final int BYTES = X25519.BYTES + MachineKey.SECRET_BYTES;

  /** The most that a key file has, in bytes: a block, so that it can lie on a device. */
  public static final int FILE_BYTES = 4096;

  private static final String PRIVATE = "private";

  private final LockedMemory memory;

  private WakeKey(LockedMemory memory) {
    this.memory = memory;
  }

  /** A new one. */
  public static WakeKey random() throws LinuxException {
    LockedMemory memory = LockedMemory.of(BYTES);
    RandomBytes.fill(memory.memory());
    return new WakeKey(memory);
  }

  static WakeKey copyOf(MemorySegment bytes) throws LinuxException {
    LockedMemory memory = LockedMemory.of(BYTES);
    memory.memory().copyFrom(bytes);
    return new WakeKey(memory);
  }

  /**
   * Reads a key file.
   *
   * @param text native memory with all of the file, or with the beginning of a device
   * @return nothing if it does not begin as a key file does
   * @throws IllegalArgumentException if it does, but is no file of a wake key
   */
  public static Optional<WakeKey> read(MemorySegment text) throws LinuxException {
    KeyText lines = KeyText.of(text);
    if (!lines.isKey()) {
      return Optional.empty();
    }
    WakeKey key = new WakeKey(LockedMemory.of(BYTES));
    try {
      lines.read(PRIVATE, key.privateKey());
      lines.read(MachineKey.SECRET, key.secret());
      return Optional.of(key);
    } catch (IllegalArgumentException e) {
      key.close();
      throw e;
    }
  }

  /**
   * Writes the key file.
   *
   * @param text native memory of {@link #FILE_BYTES}
   * @return its length in bytes
   */
  public long write(MemorySegment text) {
    return KeyText.begin(text)
        .line("public", publicKey())
        .secret(PRIVATE, privateKey())
        .secret(MachineKey.SECRET, secret())
        .length();
  }

  /** The public half, in hexadecimal digits. */
  public String publicKey() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment key = arena.allocate(X25519.BYTES);
      X25519.publicKey(privateKey(), key);
      return Hex.of(key);
    }
  }

  /** What the machine keeps, with this key behind a passphrase in it if there is one. */
  public MachineKey machineKey(Optional<Passphrase> passphrase) throws LinuxException {
    Optional<PassphraseLock> lock =
        passphrase.isPresent()
            ? Optional.of(PassphraseLock.of(this, passphrase.get()))
            : Optional.empty();
    return MachineKey.of(publicKey(), secret(), lock);
  }

  /** Whether an envelope is made for this key. */
  public boolean fits(Envelope envelope) {
    return envelope.publicKey().equals(publicKey());
  }

  /**
   * The key of an image out of its envelope.
   *
   * @param image the image's UUID
   * @return nothing if the envelope is not as the machine made it for this image
   */
  public Optional<ImageKey> open(Envelope envelope, UUID image) throws LinuxException {
    try (Arena arena = Arena.ofConfined();
        LockedMemory agreed = LockedMemory.of(BYTES)) {
      MemorySegment ephemeral = Hex.bytes(arena, envelope.ephemeral(), X25519.BYTES);
      MemorySegment shared = agreed.memory().asSlice(0, X25519.BYTES);
      if (!X25519.agree(privateKey(), ephemeral, shared)) {
        return Optional.empty();
      }
      agreed.memory().asSlice(X25519.BYTES).copyFrom(secret());
      MemorySegment wrapped = Hex.bytes(arena, envelope.wrapped(), Envelope.WRAPPED_BYTES);
      ImageKey key = ImageKey.blank();
      key.bytes().copyFrom(wrapped.asSlice(0, ImageKey.BYTES));
      try (Aead cipher = wrapping(agreed.memory(), envelope.publicKey(), ephemeral, image)) {
        boolean good =
            cipher.decrypt(0, MemorySegment.NULL, key.bytes(), wrapped.asSlice(ImageKey.BYTES));
        if (good) {
          return Optional.of(key);
        }
      }
      key.close();
      return Optional.empty();
    }
  }

  /**
   * The cipher around an image's key.
   *
   * @param agreed the shared secret of both keys, and the machine's secret
   */
  static Aead wrapping(MemorySegment agreed, String publicKey, MemorySegment ephemeral, UUID image)
      throws LinuxException {
    try (Arena arena = Arena.ofConfined();
        LockedMemory key = LockedMemory.of(Aead.KEY_BYTES)) {
      MemorySegment purpose = ImageKey.ascii(arena, "dormouse image key");
      MemorySegment info = arena.allocate(purpose.byteSize() + 2L * X25519.BYTES);
      info.copyFrom(purpose);
      info.asSlice(purpose.byteSize()).copyFrom(ephemeral);
      info.asSlice(purpose.byteSize() + X25519.BYTES)
          .copyFrom(Hex.bytes(arena, publicKey, X25519.BYTES));
      Hkdf.derive(agreed, ImageKey.bytes(arena, image), info, key.memory());
      return new Aead(Aead.Cipher.CHACHA20_POLY1305, key.memory());
    }
  }

  MemorySegment bytes() {
    return memory.memory();
  }

  private MemorySegment privateKey() {
    return memory.memory().asSlice(0, X25519.BYTES);
  }

  private MemorySegment secret() {
    return memory.memory().asSlice(X25519.BYTES);
  }

  @Override
  public void close() {
    memory.close();
  }
}
