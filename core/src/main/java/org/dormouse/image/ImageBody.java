package org.dormouse.image;

/**
 * What an image is made of after its header. All offsets are bytes from the start of the store.
 *
 * @param savedPages how many pages the chunks hold
 * @param chunkCount how many chunks, and index entries, there are
 * @param dataLength the length in bytes of the chunks with the gaps between them, from the first
 *     byte after the header's block
 * @param indexOffset where the index begins
 * @param indexLength the length of the index in bytes
 * @param indexChecksum XXH3-64 of those bytes
 */
public record ImageBody(
    long savedPages,
    long chunkCount,
    long dataLength,
    long indexOffset,
    long indexLength,
    long indexChecksum) {
  /** Two for each MiB of the 52 bits of physical memory that there can be. */
  private static final long MOST_CHUNKS = 1L << 33;

  private static final long MOST_BYTES = 1L << 53;

  /**
   * Checks that the parts lie one after the other.
   *
   * @throws IllegalArgumentException if they cannot be what a writer left
   */
  public ImageBody {
    boolean none = chunkCount == 0 && dataLength == 0 && indexOffset == 0 && indexLength == 0;
    boolean inOrder =
        chunkCount >= 0
            && chunkCount <= MOST_CHUNKS
            && dataLength >= 0
            && dataLength <= MOST_BYTES
            && indexOffset == ImageHeader.BLOCK_BYTES + dataLength
            && indexLength == chunkCount * ChunkIndex.ENTRY_BYTES;
    if (savedPages < chunkCount
        || savedPages > chunkCount * WindowPages.COUNT
        || !(none || inOrder)) {
      throw new IllegalArgumentException(
          String.format(
              "%d pages in %d chunks, %d bytes, index of %d bytes at %d",
              savedPages, chunkCount, dataLength, indexLength, indexOffset));
    }
  }

  /** The size of the whole image in bytes, header and index included. */
  public long imageBytes() {
    return indexOffset + indexLength;
  }

  static ImageBody none() {
    return new ImageBody(0, 0, 0, 0, 0, 0);
  }
}
