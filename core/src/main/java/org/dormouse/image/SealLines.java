package org.dormouse.image;

import java.util.Locale;
import java.util.Optional;
import org.dormouse.codec.Aead;
import org.dormouse.text.KeyValues;

/**
 * What a description says of the seal.
 *
 * @param cipher what seals
 * @param envelopeChecksum XXH64 of the block with the envelope
 * @param tags when the image is complete
 */
public record SealLines(Aead.Cipher cipher, long envelopeChecksum, Optional<Tags> tags) {
  /**
   * By what a description vouches for the rest of the image, in hexadecimal digits.
   *
   * @param index the tag of the last index segment; all zeros without chunks
   * @param details the tag of the details
   */
  public record Tags(String index, String details) {
    /** Of an image without chunks. */
    static final String NO_INDEX = "00".repeat(Aead.TAG_BYTES);

    /**
     * Checks the lengths.
     *
     * @throws IllegalArgumentException if one is not a tag
     */
    public Tags {
      checkTag(index);
      checkTag(details);
    }
  }

  /**
   * The last line of a description, which vouches for all bytes before it.
   *
   * <p>It is no part of {@link #lines}: it is made of them.
   */
  static final String CHECK = "seal_check";

  private static final String SEAL = "seal";
  private static final String ENVELOPE = "seal_envelope";
  private static final String INDEX = "seal_index";
  private static final String DETAILS = "seal_details";

  SealLines withTags(Tags known) {
    return new SealLines(cipher, envelopeChecksum, Optional.of(known));
  }

  KeyValues lines() {
    KeyValues lines =
        KeyValues.empty()
            .with(SEAL, cipher.name().toLowerCase(Locale.ROOT))
            .with(ENVELOPE, StoredBytes.hex(envelopeChecksum));
    return tags.map(known -> lines.with(INDEX, known.index).with(DETAILS, known.details))
        .orElse(lines);
  }

  /**
   * What {@link #lines} made; empty if the image is not sealed.
   *
   * @throws IllegalArgumentException if that makes no sense
   */
  static Optional<SealLines> of(KeyValues lines) {
    if (lines.find(SEAL).isEmpty()) {
      return Optional.empty();
    }
    Optional<Tags> tags = lines.find(INDEX).map(index -> new Tags(index, lines.text(DETAILS)));
    return Optional.of(
        new SealLines(
            Aead.Cipher.valueOf(lines.text(SEAL).toUpperCase(Locale.ROOT)),
            StoredBytes.checksum(lines.text(ENVELOPE)),
            tags));
  }

  static void checkTag(String digits) {
    if (!digits.matches("[0-9a-f]*") || digits.length() != 2 * Aead.TAG_BYTES) {
      throw new IllegalArgumentException("not a tag: " + digits);
    }
  }
}
