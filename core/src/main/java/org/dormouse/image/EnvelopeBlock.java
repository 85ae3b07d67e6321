package org.dormouse.image;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import org.dormouse.codec.Xxh64;
import org.dormouse.seal.Envelope;
import org.dormouse.store.Store;
import org.dormouse.text.KeyValues;
import org.dormouse.text.ReportException;

/**
 * The last block of a store's first MiB, where the envelope of a sealed image's key lies. It is
 * overwritten when the image has been used, so that nobody can open it again.
 */
final class EnvelopeBlock {
  /** The length in bytes. */
  static final int BYTES = 4096;

  /** Where it is in the store, in bytes. */
  static final long OFFSET = StoredFile.ALIGNMENT - BYTES;

  private static final KeyValues ERASED = KeyValues.empty().with("erased", "yes");

  private final MemorySegment block;

  private EnvelopeBlock(MemorySegment block) {
    this.block = block;
  }

  /** A block to be written. */
  static EnvelopeBlock of(Arena arena, Envelope envelope) {
    return of(arena, envelope.lines());
  }

  private static EnvelopeBlock of(Arena arena, KeyValues lines) {
    byte[] text = lines.toString().getBytes(StandardCharsets.US_ASCII);
    MemorySegment block = arena.allocate(BYTES, Store.ALIGNMENT).fill((byte) '\n');
    MemorySegment.copy(text, 0, block, ValueLayout.JAVA_BYTE, 0, text.length);
    return new EnvelopeBlock(block);
  }

  long checksum() {
    return Xxh64.of(block);
  }

  void write(Store store) throws ReportException {
    store.write(OFFSET, block);
  }

  /** Overwrites the envelope, for good. */
  static void erase(Store store) throws ReportException {
    try (Arena arena = Arena.ofConfined()) {
      of(arena, ERASED).write(store);
      store.flush();
    }
  }

  /**
   * The envelope of a store's image.
   *
   * @throws ImageFormatException if it was erased, or is damaged
   */
  static Envelope read(Store store, SealLines seal) throws ReportException {
    try (Arena arena = Arena.ofConfined()) {
      EnvelopeBlock read = new EnvelopeBlock(arena.allocate(BYTES, Store.ALIGNMENT));
      store.read(OFFSET, read.block);
      if (read.checksum() == of(arena, ERASED).checksum()) {
        throw new ImageFormatException(
            Damage.KEY_ERASED, "it was resumed, or taken away, before somebody put it back");
      }
      if (read.checksum() != seal.envelopeChecksum()) {
        throw new ImageFormatException(
            Damage.ENVELOPE_DAMAGED,
            String.format("%d bytes at byte %d of %s", BYTES, OFFSET, store.name()));
      }
      byte[] text = read.block.toArray(ValueLayout.JAVA_BYTE);
      return Envelope.of(KeyValues.parse(new String(text, StandardCharsets.US_ASCII)));
    } catch (IllegalArgumentException e) {
      throw new ImageFormatException(Damage.ENVELOPE_DAMAGED, e.getMessage());
    }
  }
}
