package org.dormouse.seal;

import java.util.Optional;
import org.dormouse.codec.Aead;
import org.dormouse.codec.X25519;
import org.dormouse.text.KeyValues;

/**
 * An image's key as it lies in the store. Nothing in it is secret.
 *
 * @param publicKey the public half of the key pair that it is for
 * @param ephemeral a public key that was made for this image, and whose private one is gone
 * @param wrapped the image's key under that of both, and a tag
 * @param lock the private half behind a passphrase, if there is one
 */
public record Envelope(
    String publicKey, String ephemeral, String wrapped, Optional<PassphraseLock> lock) {
  static final int WRAPPED_BYTES = ImageKey.BYTES + Aead.TAG_BYTES;

  private static final String EPHEMERAL = "ephemeral";
  private static final String WRAPPED = "wrapped";

  /**
   * Checks the lengths.
   *
   * @throws IllegalArgumentException if something is not hexadecimal digits of its length
   */
  public Envelope {
    Hex.check(publicKey, X25519.BYTES);
    Hex.check(ephemeral, X25519.BYTES);
    Hex.check(wrapped, WRAPPED_BYTES);
  }

  /** The same as lines. */
  public KeyValues lines() {
    KeyValues lines =
        KeyValues.empty()
            .with(MachineKey.PUBLIC, publicKey)
            .with(EPHEMERAL, ephemeral)
            .with(WRAPPED, wrapped);
    return lock.map(locked -> lines.with(MachineKey.PASSPHRASE, locked.text())).orElse(lines);
  }

  /**
   * What {@link #lines} made.
   *
   * @throws IllegalArgumentException if it makes no sense
   */
  public static Envelope of(KeyValues lines) {
    return new Envelope(
        lines.text(MachineKey.PUBLIC),
        lines.text(EPHEMERAL),
        lines.text(WRAPPED),
        lines.find(MachineKey.PASSPHRASE).map(PassphraseLock::parse));
  }
}
