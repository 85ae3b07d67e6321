package org.dormouse.image;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.util.Optional;
import org.dormouse.codec.Xxh64;
import org.dormouse.store.Store;
import org.dormouse.text.KeyValues;
import org.dormouse.text.ReportException;

/**
 * The first block of a store: a sector with the state, which changes whole or not at all, and seven
 * with the description.
 */
final class HeaderBlock {
  /** The length of the block in bytes. */
  static final int BYTES = 4096;

  /** The length of the description in bytes. */
  static final int DESCRIPTION_BYTES = BYTES - StateSector.BYTES;

  private final MemorySegment block;

  private HeaderBlock(MemorySegment block) {
    this.block = block;
  }

  /** A block without description. */
  static HeaderBlock blank(Arena arena) {
    HeaderBlock block = new HeaderBlock(arena.allocate(BYTES, Store.ALIGNMENT));
    block.put(StateSector.empty(""), KeyValues.empty());
    return block;
  }

  /** What a store has there. */
  static HeaderBlock read(Arena arena, Store store) throws ReportException {
    if (store.size() < BYTES) {
      throw new ImageFormatException(
          Damage.NOT_AN_IMAGE, store.name() + " has only " + store.size() + " bytes");
    }
    HeaderBlock block = new HeaderBlock(arena.allocate(BYTES, Store.ALIGNMENT));
    store.read(0, block.block);
    return block;
  }

  /**
   * Replaces all of it.
   *
   * @return the state, which vouches for the description now
   */
  StateSector put(StateSector state, KeyValues description) {
    byte[] text = description.toString().getBytes(StandardCharsets.UTF_8);
    if (text.length > DESCRIPTION_BYTES) {
      throw new IllegalArgumentException("a description of " + text.length + " bytes");
    }
    description().fill((byte) '\n');
    MemorySegment.copy(text, 0, description(), ValueLayout.JAVA_BYTE, 0, text.length);
    StateSector vouching = state.withDescriptionChecksum(Xxh64.of(description()));
    putState(vouching);
    return vouching;
  }

  /** Replaces the state; the description stays as it is, also if the state does not match it. */
  void putState(StateSector state) {
    byte[] sector = state.encode();
    MemorySegment.copy(sector, 0, block, ValueLayout.JAVA_BYTE, 0, sector.length);
  }

  /**
   * The state alone.
   *
   * @throws ImageFormatException if there is no header, or it is of another version or damaged
   */
  StateSector state() throws ImageFormatException {
    return StateSector.decode(block.asSlice(0, StateSector.BYTES).toArray(ValueLayout.JAVA_BYTE));
  }

  /**
   * All that the block says. Only a whole image needs a description: beside the other states
   * whatever cannot be read is left out.
   *
   * @throws ImageFormatException if there is no header, or it is of another version or damaged
   */
  ImageHeader decode() throws ImageFormatException {
    StateSector state = state();
    try {
      if (state.descriptionChecksum() != Xxh64.of(description())) {
        throw new IllegalArgumentException("the description does not match its checksum");
      }
      return header(state);
    } catch (IllegalArgumentException | ArithmeticException | DateTimeException e) {
      if (state.state().needsDescription()) {
        throw new ImageFormatException(Damage.HEADER_DAMAGED, e.getMessage());
      }
      return header(state, Optional.empty(), Optional.empty(), Optional.empty());
    }
  }

  /**
   * What the last line of a sealed image's description vouches for.
   *
   * @param text all that is before it
   * @param tag the line's value, in hexadecimal digits
   */
  record Vouched(MemorySegment text, String tag) {}

  /**
   * What is vouched for. Behind it there is nothing but padding.
   *
   * @throws ImageFormatException if there is no such line, or it is not the last one
   */
  Vouched vouched() throws ImageFormatException {
    // Each byte is a character, so that places are places.
    String text =
        new String(description().toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
    String key = SealLines.CHECK + "=";
    int line = text.lastIndexOf("\n" + key) + 1;
    String tag = text.substring(line).strip();
    try {
      if (line == 0) {
        throw new IllegalArgumentException("no line " + key);
      }
      SealLines.checkTag(tag.substring(key.length()));
    } catch (IllegalArgumentException e) {
      throw new ImageFormatException(
          Damage.FORGED, "its description does not end with what vouches for it");
    }
    return new Vouched(description().asSlice(0, line), tag.substring(key.length()));
  }

  private ImageHeader header(StateSector state) {
    KeyValues lines =
        KeyValues.parse(
            new String(description().toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8));
    ImageDescription description = ImageDescription.of(lines);
    if (state.state() == ImageState.COMPLETE && description.wake().isEmpty()) {
      throw new IllegalArgumentException("it does not say what wakes it");
    }
    if (state.state() == ImageState.DUMP && description.wake().isPresent()) {
      throw new IllegalArgumentException("a dump cannot be woken, and it says what wakes it");
    }
    Optional<ImageBody> body =
        state.state().needsDescription() || lines.find("chunks").isPresent()
            ? Optional.of(ImageBody.of(lines, description.dataOffset()))
            : Optional.empty();
    Optional<SealLines> seal = SealLines.of(lines);
    if (state.state().needsDescription() && seal.filter(s -> s.tags().isEmpty()).isPresent()) {
      throw new IllegalArgumentException("it does not say how its parts are sealed");
    }
    return header(state, Optional.of(description), body, seal);
  }

  private static ImageHeader header(
      StateSector state,
      Optional<ImageDescription> description,
      Optional<ImageBody> body,
      Optional<SealLines> seal) {
    return new ImageHeader(
        state.state(),
        state.image(),
        state.attempts(),
        state.restarts(),
        state.reason(),
        description,
        body,
        seal);
  }

  /** Writes the block and makes it durable. */
  void writeDurably(Store store) throws ReportException {
    store.write(0, block);
    store.flush();
  }

  private MemorySegment description() {
    return block.asSlice(StateSector.BYTES, DESCRIPTION_BYTES);
  }
}
