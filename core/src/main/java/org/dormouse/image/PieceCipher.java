package org.dormouse.image;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.UUID;
import org.dormouse.codec.Aead;

/**
 * Seals and opens the pieces of one part of an image, in place. A sealed piece is its bytes
 * encrypted, and {@link #EXTRA_BYTES} behind them: the tag, the number of the piece, which is its
 * nonce, and the beginning of the image's UUID. Those two are there for whoever looks why a piece
 * does not open. For one thread.
 */
final class PieceCipher implements AutoCloseable {
  /** How much longer a piece gets. */
  static final int EXTRA_BYTES = 32;

  /** What became of a piece since it was sealed, or of a checksummed one since it was written. */
  enum Verdict {
    GOOD,
    /** It is not what was written there. */
    CHANGED,
    /** Another piece of this image lies there. */
    MOVED,
    /** A piece of another image lies there. */
    OF_ANOTHER_IMAGE
  }

  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong BIG_ENDIAN =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final int AT_NUMBER = 16;
  private static final int AT_IMAGE = 24;

  private final Aead cipher;
  private final long image;

  PieceCipher(Aead cipher, UUID image) {
    this.cipher = cipher;
    this.image = image.getMostSignificantBits();
  }

  /**
   * Seals a piece.
   *
   * @param number no other piece of this part has it
   * @param bound what is vouched for besides
   * @param room the piece, and behind it room for {@link #EXTRA_BYTES}
   * @param length of the piece in bytes
   */
  void seal(long number, MemorySegment bound, MemorySegment room, long length) {
    MemorySegment extra = room.asSlice(length, EXTRA_BYTES);
    cipher.encrypt(number, bound, room.asSlice(0, length), extra.asSlice(0, Aead.TAG_BYTES));
    extra.set(LONG, AT_NUMBER, number);
    extra.set(BIG_ENDIAN, AT_IMAGE, image);
  }

  /**
   * Opens a piece, if nobody has touched it. What it holds otherwise is nothing of worth.
   *
   * @param stored the piece and what is behind it
   */
  Verdict open(long number, MemorySegment bound, MemorySegment stored) {
    MemorySegment extra = extra(stored);
    if (extra.get(BIG_ENDIAN, AT_IMAGE) != image) {
      return Verdict.OF_ANOTHER_IMAGE;
    }
    if (extra.get(LONG, AT_NUMBER) != number) {
      return Verdict.MOVED;
    }
    MemorySegment tag = extra.asSlice(0, Aead.TAG_BYTES);
    return cipher.decrypt(number, bound, plain(stored), tag) ? Verdict.GOOD : Verdict.CHANGED;
  }

  /** Makes a tag that vouches for bytes which are stored as they are. */
  void vouch(MemorySegment bytes, MemorySegment tag) {
    cipher.encrypt(0, bytes, MemorySegment.NULL, tag);
  }

  /** Whether a tag was made of exactly these bytes. */
  boolean isVouched(MemorySegment bytes, MemorySegment tag) {
    return cipher.decrypt(0, bytes, MemorySegment.NULL, tag);
  }

  /** What a sealed piece was, before it is opened or after. */
  static MemorySegment plain(MemorySegment stored) {
    return stored.asSlice(0, stored.byteSize() - EXTRA_BYTES);
  }

  /** The tag of a sealed piece in hexadecimal digits. */
  static String tag(MemorySegment stored) {
    byte[] tag = extra(stored).asSlice(0, Aead.TAG_BYTES).toArray(ValueLayout.JAVA_BYTE);
    return HexFormat.of().formatHex(tag);
  }

  /** The number that a sealed piece says it has. */
  static long number(MemorySegment stored) {
    return extra(stored).get(LONG, AT_NUMBER);
  }

  private static MemorySegment extra(MemorySegment stored) {
    return stored.asSlice(stored.byteSize() - EXTRA_BYTES);
  }

  @Override
  public void close() {
    cipher.close();
  }
}
