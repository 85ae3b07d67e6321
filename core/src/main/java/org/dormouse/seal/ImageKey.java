package org.dormouse.seal;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.dormouse.codec.Aead;
import org.dormouse.codec.Hkdf;
import org.dormouse.linux.LinuxException;
import org.dormouse.linux.LockedMemory;
import org.dormouse.linux.RandomBytes;

/** The key of one image, random: of it come the keys of the image's parts. Wiped when closed. */
public final class ImageKey implements AutoCloseable {
  /** What a part of an image is sealed as; each has a key of its own. */
  public enum Part {
    CHUNKS("dormouse chunks"),
    INDEX("dormouse index"),
    DETAILS("dormouse details"),
    DESCRIPTION("dormouse description");

    private final String info;

    Part(String info) {
      this.info = info;
    }
  }

  /** The length in bytes. */
  public static final int BYTES = Aead.KEY_BYTES;

  private static final ValueLayout.OfLong BIG_ENDIAN =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private final LockedMemory key;

  private ImageKey(LockedMemory key) {
    this.key = key;
  }

  /** A new one. */
  public static ImageKey random() throws LinuxException {
    LockedMemory key = LockedMemory.of(BYTES);
    RandomBytes.fill(key.memory());
    return new ImageKey(key);
  }

  /** One that is filled by whoever has it. */
  public static ImageKey blank() throws LinuxException {
    return new ImageKey(LockedMemory.of(BYTES));
  }

  /** The bytes. */
  public MemorySegment bytes() {
    return key.memory();
  }

  /**
   * What seals or opens a part. One for each thread.
   *
   * @param image the image's UUID
   */
  public Aead cipher(Aead.Cipher cipher, UUID image, Part part) throws LinuxException {
    try (Arena arena = Arena.ofConfined();
        LockedMemory derived = LockedMemory.of(BYTES)) {
      Hkdf.derive(key.memory(), bytes(arena, image), ascii(arena, part.info), derived.memory());
      return new Aead(cipher, derived.memory());
    }
  }

  /** A UUID as 16 bytes, in the order of its digits. */
  static MemorySegment bytes(Arena arena, UUID image) {
    MemorySegment bytes = arena.allocate(2L * Long.BYTES);
    bytes.set(BIG_ENDIAN, 0, image.getMostSignificantBits());
    bytes.set(BIG_ENDIAN, Long.BYTES, image.getLeastSignificantBits());
    return bytes;
  }

  static MemorySegment ascii(Arena arena, String text) {
    return arena.allocateFrom(ValueLayout.JAVA_BYTE, text.getBytes(StandardCharsets.US_ASCII));
  }

  /** Wipes it before it is closed: where the thread goes on for long. */
  public void wipe() {
    key.memory().fill((byte) 0);
  }

  @Override
  public void close() {
    key.close();
  }
}
