package org.dormouse.image;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.UUID;
import org.dormouse.memory.PageRange;
import org.dormouse.store.StoreContents;

/**
 * The first sector of an image, which alone says whether there is one.
 *
 * <p>All of it lies in 512 bytes, the smallest sector there is, so that a change of state happens
 * whole or not at all.
 *
 * @param state what the image is good for
 * @param origin whose memory it holds
 * @param wayBack how to get back into that memory
 * @param body where the pages are; {@link ImageBody#none} until the image is complete
 */
public record ImageHeader(ImageState state, ImageOrigin origin, WayBack wayBack, ImageBody body) {
  /** The format version that this program writes, and the only one that it reads. */
  public static final int VERSION = 1;

  /** The length of the header in bytes. */
  static final int BYTES = 512;

  /** The length in bytes of the block that the header is written in; the rest of it is zero. */
  static final int BLOCK_BYTES = 4096;

  private static final int BUILD_ID_BYTES = 20;

  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong UUID_HALF =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  // Where the fields are: docs/image-format.md
  private static final int AT_MAGIC = 0;
  private static final int AT_VERSION = 8;
  private static final int AT_STATE = 12;
  private static final int AT_UUID = 16;
  private static final int AT_CREATED = 32;
  private static final int AT_RELEASE = 40;
  private static final int AT_BUILD_ID = 104;
  private static final int AT_PAGING_LEVELS = 124;
  private static final int AT_FINGERPRINT = 128;
  private static final int AT_SAVER_REGION = 136;
  private static final int AT_LOW_MEMORY = 152;
  private static final int AT_JUMP_BACK_ENTRY = 168;
  private static final int AT_RAM_PAGES = 176;
  private static final int AT_SAVED_PAGES = 184;
  private static final int AT_CHUNK_COUNT = 192;
  private static final int AT_DATA_LENGTH = 200;
  private static final int AT_INDEX_OFFSET = 208;
  private static final int AT_INDEX_LENGTH = 216;
  private static final int AT_INDEX_CHECKSUM = 224;
  private static final int AT_STORE_NAME = 232;
  private static final int AT_CHECKSUM = 504;

  /** The header of an image that is about to be written. */
  static ImageHeader writing(ImageOrigin origin, WayBack wayBack) {
    return new ImageHeader(ImageState.WRITING, origin, wayBack, ImageBody.none());
  }

  /** The header of no image. */
  static ImageHeader empty() {
    return new ImageHeader(ImageState.EMPTY, ImageOrigin.none(), WayBack.none(), ImageBody.none());
  }

  /** This header in the state {@link ImageState#COMPLETE}. */
  ImageHeader completed(ImageBody finishedBody) {
    return new ImageHeader(ImageState.COMPLETE, origin, wayBack, finishedBody);
  }

  /** This header in the state {@link ImageState#CONSUMED}. */
  ImageHeader consumed() {
    return new ImageHeader(ImageState.CONSUMED, origin, wayBack, body);
  }

  /** Writes the header into the first {@link #BYTES} of {@code sector}. */
  void encode(MemorySegment sector) {
    sector.asSlice(0, BYTES).fill((byte) 0);
    putText(sector, AT_MAGIC, StoreContents.IMAGE_MAGIC);
    sector.set(INT, AT_VERSION, VERSION);
    sector.set(INT, AT_STATE, state.code());
    encodeOrigin(sector);
    encodeWayBack(sector);
    encodeBody(sector);
    sector.set(LONG, AT_CHECKSUM, Codec.checksum(sector.asSlice(0, AT_CHECKSUM)));
  }

  private void encodeOrigin(MemorySegment sector) {
    sector.set(UUID_HALF, AT_UUID, origin.image().getMostSignificantBits());
    sector.set(UUID_HALF, AT_UUID + Long.BYTES, origin.image().getLeastSignificantBits());
    sector.set(LONG, AT_CREATED, origin.created().toEpochMilli());
    putText(sector, AT_RELEASE, origin.kernelRelease());
    putBytes(sector, AT_BUILD_ID, HexFormat.of().parseHex(origin.kernelBuildId()));
    sector.set(LONG, AT_FINGERPRINT, origin.memoryMapFingerprint());
    sector.set(LONG, AT_RAM_PAGES, origin.ramPages());
    putText(sector, AT_STORE_NAME, origin.storeName());
  }

  private void encodeWayBack(MemorySegment sector) {
    putRange(sector, AT_SAVER_REGION, wayBack.saverRegion());
    putRange(sector, AT_LOW_MEMORY, wayBack.lowMemory());
    sector.set(LONG, AT_JUMP_BACK_ENTRY, wayBack.jumpBackEntry());
    sector.set(INT, AT_PAGING_LEVELS, wayBack.pagingLevels());
  }

  private void encodeBody(MemorySegment sector) {
    sector.set(LONG, AT_SAVED_PAGES, body.savedPages());
    sector.set(LONG, AT_CHUNK_COUNT, body.chunkCount());
    sector.set(LONG, AT_DATA_LENGTH, body.dataLength());
    sector.set(LONG, AT_INDEX_OFFSET, body.indexOffset());
    sector.set(LONG, AT_INDEX_LENGTH, body.indexLength());
    sector.set(LONG, AT_INDEX_CHECKSUM, body.indexChecksum());
  }

  /**
   * Reads a header from the first {@link #BYTES} of {@code sector}, native memory.
   *
   * @throws ImageFormatException if that is not one, of another version, or damaged
   */
  static ImageHeader decode(MemorySegment sector) throws ImageFormatException {
    MemorySegment magic = bytes(StoreContents.IMAGE_MAGIC);
    if (sector.asSlice(AT_MAGIC, magic.byteSize()).mismatch(magic) != -1) {
      throw new ImageFormatException(
          Damage.NOT_AN_IMAGE, "the store does not begin with " + StoreContents.IMAGE_MAGIC);
    }
    if (sector.get(LONG, AT_CHECKSUM) != Codec.checksum(sector.asSlice(0, AT_CHECKSUM))) {
      throw new ImageFormatException(
          Damage.HEADER_DAMAGED, "the first sector does not match its checksum");
    }
    int version = sector.get(INT, AT_VERSION);
    if (version != VERSION) {
      throw new ImageFormatException(
          Damage.WRONG_VERSION, "it is " + version + ", this program reads " + VERSION);
    }
    try {
      return new ImageHeader(
          decodeState(sector), decodeOrigin(sector), decodeWayBack(sector), decodeBody(sector));
    } catch (IllegalArgumentException e) {
      throw new ImageFormatException(Damage.HEADER_DAMAGED, e.getMessage());
    }
  }

  private static ImageState decodeState(MemorySegment sector) {
    int code = sector.get(INT, AT_STATE);
    for (ImageState state : ImageState.values()) {
      if (state.code() == code) {
        return state;
      }
    }
    throw new IllegalArgumentException("there is no state " + code);
  }

  private static ImageOrigin decodeOrigin(MemorySegment sector) {
    return new ImageOrigin(
        new UUID(sector.get(UUID_HALF, AT_UUID), sector.get(UUID_HALF, AT_UUID + Long.BYTES)),
        Instant.ofEpochMilli(sector.get(LONG, AT_CREATED)),
        text(sector, AT_RELEASE, ImageOrigin.RELEASE_BYTES),
        buildId(sector),
        sector.get(LONG, AT_FINGERPRINT),
        sector.get(LONG, AT_RAM_PAGES),
        text(sector, AT_STORE_NAME, ImageOrigin.STORE_NAME_BYTES));
  }

  private static WayBack decodeWayBack(MemorySegment sector) {
    return new WayBack(
        range(sector, AT_SAVER_REGION),
        range(sector, AT_LOW_MEMORY),
        sector.get(LONG, AT_JUMP_BACK_ENTRY),
        sector.get(INT, AT_PAGING_LEVELS));
  }

  private static ImageBody decodeBody(MemorySegment sector) {
    return new ImageBody(
        sector.get(LONG, AT_SAVED_PAGES),
        sector.get(LONG, AT_CHUNK_COUNT),
        sector.get(LONG, AT_DATA_LENGTH),
        sector.get(LONG, AT_INDEX_OFFSET),
        sector.get(LONG, AT_INDEX_LENGTH),
        sector.get(LONG, AT_INDEX_CHECKSUM));
  }

  private static String buildId(MemorySegment sector) {
    byte[] id = sector.asSlice(AT_BUILD_ID, BUILD_ID_BYTES).toArray(ValueLayout.JAVA_BYTE);
    for (byte part : id) {
      if (part != 0) {
        return HexFormat.of().formatHex(id);
      }
    }
    return "";
  }

  private static PageRange range(MemorySegment sector, int at) {
    return new PageRange(sector.get(LONG, at), sector.get(LONG, at + Long.BYTES));
  }

  private static String text(MemorySegment sector, int at, int limit) {
    byte[] bytes = sector.asSlice(at, limit).toArray(ValueLayout.JAVA_BYTE);
    int length = 0;
    while (length < limit && bytes[length] != 0) {
      length++;
    }
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }

  private static void putRange(MemorySegment sector, int at, PageRange range) {
    sector.set(LONG, at, range.start());
    sector.set(LONG, at + Long.BYTES, range.end());
  }

  private static void putText(MemorySegment sector, int at, String text) {
    sector.asSlice(at).copyFrom(bytes(text));
  }

  private static void putBytes(MemorySegment sector, int at, byte[] bytes) {
    sector.asSlice(at).copyFrom(MemorySegment.ofArray(bytes));
  }

  private static MemorySegment bytes(String text) {
    return MemorySegment.ofArray(text.getBytes(StandardCharsets.UTF_8));
  }
}
