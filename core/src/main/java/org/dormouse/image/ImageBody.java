package org.dormouse.image;

import org.dormouse.text.KeyValues;

/**
 * What an image is made of.
 *
 * @param savedPages how many pages have their contents in the image
 * @param zeroPages how many pages must be zero
 * @param freePages how many pages of RAM may hold anything, as whoever saved them counted
 * @param chunkCount how many chunks, and index entries, there are
 * @param lastIndexSegment the last segment of the index, which leads to the others
 * @param imageBytes from the first byte of data to the last one of the index
 * @param details the details
 */
public record ImageBody(
    long savedPages,
    long zeroPages,
    long freePages,
    long chunkCount,
    StoredBytes lastIndexSegment,
    long imageBytes,
    StoredBytes details) {
  /** Where the details begin in the store. */
  static final long DETAILS_OFFSET = HeaderBlock.BYTES;

  /** The longest details, in bytes as they are stored: up to the envelope. */
  private static final int STORED_DETAILS_BYTES = (int) (EnvelopeBlock.OFFSET - DETAILS_OFFSET);

  /** The longest details, in bytes of UTF-8. */
  public static final int DETAILS_BYTES = STORED_DETAILS_BYTES - PieceCipher.EXTRA_BYTES;

  /** Two for each MiB of the 52 bits of physical memory that there can be. */
  private static final long MOST_CHUNKS = 1L << 33;

  /**
   * Checks that this can be what a writer left.
   *
   * @throws IllegalArgumentException if it cannot
   */
  public ImageBody {
    long most = ImageDescription.PFN_LIMIT;
    boolean counts =
        savedPages >= 0
            && savedPages <= most
            && zeroPages >= 0
            && zeroPages <= most
            && freePages >= 0
            && freePages <= most
            && chunkCount >= 0
            && chunkCount <= MOST_CHUNKS
            && savedPages + zeroPages >= chunkCount
            && savedPages + zeroPages <= chunkCount * WindowPages.COUNT;
    boolean index =
        chunkCount == 0
            ? lastIndexSegment.equals(StoredBytes.none()) && imageBytes == 0
            : IndexSegment.canBe(lastIndexSegment)
                && imageBytes >= lastIndexSegment.length()
                && imageBytes <= lastIndexSegment.end();
    if (!counts
        || !index
        || details.offset() != DETAILS_OFFSET
        || details.length() > STORED_DETAILS_BYTES) {
      throw new IllegalArgumentException(
          String.format(
              "%d saved, %d zero and %d free pages in %d chunks, %d bytes, index %s, details %s",
              savedPages, zeroPages, freePages, chunkCount, imageBytes, lastIndexSegment, details));
    }
  }

  /** Where in the store the blocks of the image end, in bytes, if its data begins there. */
  public long blocksEnd(long dataOffset) {
    return Math.max(dataOffset, lastIndexSegment.blocksEnd());
  }

  /** The lines that stand in the header's block. */
  KeyValues lines() {
    StoredBytes index = lastIndexSegment;
    return KeyValues.empty()
        .with("pages_saved", savedPages)
        .with("pages_zero", zeroPages)
        .with("pages_free", freePages)
        .with("chunks", chunkCount)
        .with(
            "index",
            new StringBuilder()
                .append(index.offset())
                .append(' ')
                .append(index.length())
                .append(' ')
                .append(StoredBytes.hex(index.checksum()))
                .toString())
        .with("image_bytes", imageBytes)
        .with(
            "details",
            new StringBuilder()
                .append(details.length())
                .append(' ')
                .append(StoredBytes.hex(details.checksum()))
                .toString());
  }

  /**
   * What {@link #lines} wrote.
   *
   * @param dataOffset where in the store the data begins
   * @throws IllegalArgumentException if that makes no sense
   */
  static ImageBody of(KeyValues lines, long dataOffset) {
    String[] index = Words.of(lines, "index", 3);
    String[] details = Words.of(lines, "details", 2);
    ImageBody body =
        new ImageBody(
            lines.number("pages_saved"),
            lines.number("pages_zero"),
            lines.number("pages_free"),
            lines.number("chunks"),
            new StoredBytes(
                Long.parseLong(index[0]), Long.parseLong(index[1]), StoredBytes.checksum(index[2])),
            lines.number("image_bytes"),
            new StoredBytes(
                DETAILS_OFFSET, Long.parseLong(details[0]), StoredBytes.checksum(details[1])));
    if (body.chunkCount != 0 && body.lastIndexSegment.end() - body.imageBytes != dataOffset) {
      throw new IllegalArgumentException(
          body.imageBytes + " bytes from " + dataOffset + " do not end with the index");
    }
    return body;
  }
}
