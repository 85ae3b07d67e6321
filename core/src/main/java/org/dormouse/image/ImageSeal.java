package org.dormouse.image;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.dormouse.codec.Aead;
import org.dormouse.seal.ImageKey;
import org.dormouse.text.KeyValues;
import org.dormouse.text.Report;
import org.dormouse.text.ReportException;

/** What seals or opens the parts of one image. */
final class ImageSeal {
  private final Aead.Cipher cipher;
  private final ImageKey key;
  private final UUID image;
  private final AtomicLong chunks = new AtomicLong();

  /**
   * @param key not closed as long as this is used
   */
  ImageSeal(Aead.Cipher cipher, ImageKey key, UUID image) {
    this.cipher = cipher;
    this.key = key;
    this.image = image;
  }

  /** A guard of chunks for one thread: a seal if there is one. */
  static ChunkGuard chunks(Optional<ImageSeal> seal) throws ReportException {
    return seal.isPresent()
        ? new ChunkGuard.Sealed(seal.get().part(ImageKey.Part.CHUNKS), seal.get().chunks)
        : new ChunkGuard.Checksum();
  }

  /**
   * A guard of the index: a seal if there is one.
   *
   * @param tag of the last segment, if the index is to be read
   */
  static IndexGuard index(Optional<ImageSeal> seal, String tag) throws ReportException {
    return seal.isPresent()
        ? new IndexGuard.Sealed(seal.get().part(ImageKey.Part.INDEX), tag)
        : new IndexGuard.None();
  }

  /** Seals the details, which have room for it behind them. */
  void sealDetails(MemorySegment room, long length) throws ReportException {
    try (PieceCipher details = part(ImageKey.Part.DETAILS)) {
      details.seal(0, MemorySegment.NULL, room, length);
    }
  }

  /** Opens details. */
  PieceCipher.Verdict openDetails(MemorySegment stored, String tag) throws ReportException {
    if (!PieceCipher.tag(stored).equals(tag)) {
      return PieceCipher.Verdict.CHANGED;
    }
    try (PieceCipher details = part(ImageKey.Part.DETAILS)) {
      return details.open(0, MemorySegment.NULL, stored);
    }
  }

  /** The lines of a description with one more that vouches for them. */
  KeyValues vouch(KeyValues lines) throws ReportException {
    try (Arena arena = Arena.ofConfined();
        PieceCipher description = part(ImageKey.Part.DESCRIPTION)) {
      MemorySegment tag = arena.allocate(Aead.TAG_BYTES);
      byte[] text = lines.toString().getBytes(StandardCharsets.UTF_8);
      description.vouch(arena.allocateFrom(ValueLayout.JAVA_BYTE, text), tag);
      return lines.with(
          SealLines.CHECK, HexFormat.of().formatHex(tag.toArray(ValueLayout.JAVA_BYTE)));
    }
  }

  /**
   * Checks a description.
   *
   * @throws ImageFormatException if it is not as it was vouched for
   */
  void check(HeaderBlock.Vouched vouched) throws ReportException {
    try (Arena arena = Arena.ofConfined();
        PieceCipher description = part(ImageKey.Part.DESCRIPTION)) {
      byte[] tag = HexFormat.of().parseHex(vouched.tag());
      if (!description.isVouched(vouched.text(), arena.allocateFrom(ValueLayout.JAVA_BYTE, tag))) {
        throw new ImageFormatException(
            Damage.FORGED, "its description is not what the machine has sealed");
      }
    }
  }

  /** For one thread. */
  private PieceCipher part(ImageKey.Part part) throws ReportException {
    try {
      return new PieceCipher(key.cipher(cipher, image, part), image);
    } catch (IOException e) {
      throw new ReportException(
          new Report(
              "the image's key cannot be used: " + e.getMessage(),
              "The store is as it was.",
              "The system may have no memory left."),
          e);
    }
  }
}
