package org.dormouse.image;

import org.dormouse.codec.Codec;

/**
 * How many threads share the work, how much memory they do it in, and what they make of it.
 *
 * @param workers threads that encode or decode; one more reads or writes the store
 * @param buffers how many buffers go round between them and the store
 * @param bufferBytes the size of a buffer, and about that of a transfer, in bytes
 * @param compression which chunks are compressed
 * @param codec what compresses them
 */
public record PipelineSize(
    int workers, int buffers, int bufferBytes, Compression compression, Codec codec) {
  /** Which chunks are compressed. */
  public enum Compression {
    /** All, if they become shorter. */
    ALWAYS,
    /** None. */
    NEVER,
    /**
     * Those that would wait for the store otherwise: then the time is the store's, and less data
     * makes it less. A store that waits for data gets it as it is: then the time is the
     * processors', and compression is most of it.
     */
    WHILE_STORE_IS_BEHIND
  }

  /** Quick rather than small, for what would wait for the store: docs/benchmarks.md compares. */
  private static final Codec USUAL_CODEC = new Codec.OfLz4(8);

  /** Three windows, and what LZ4 wants beyond them until it has compressed the last. */
  private static final int USUAL_BUFFER_BYTES = (3 << 20) + (16 << 10);

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException without workers, with fewer buffers than workers and store
   *     need to get on at all, or with buffers that are no multiple of 4096 bytes or below 2 MiB
   */
  public PipelineSize {
    if (workers < 1 || buffers < workers + 1) {
      throw new IllegalArgumentException(workers + " workers with " + buffers + " buffers");
    }
    if (bufferBytes < 2 << 20 || bufferBytes % 4096 != 0) {
      throw new IllegalArgumentException("buffers of " + bufferBytes + " bytes");
    }
  }

  /** The usual sizes: for 2 workers some 20 MiB. */
  public static PipelineSize of(int workers) {
    return new PipelineSize(
        workers, workers + 3, USUAL_BUFFER_BYTES, Compression.WHILE_STORE_IS_BEHIND, USUAL_CODEC);
  }

  /** The same with other chunks compressed. */
  public PipelineSize withCompression(Compression other) {
    return new PipelineSize(workers, buffers, bufferBytes, other, codec);
  }

  /** The same with another codec. */
  public PipelineSize withCodec(Codec other) {
    return new PipelineSize(workers, buffers, bufferBytes, compression, other);
  }

  /** All the memory that the pipeline takes, the compressors' own excepted: 16 KiB each for LZ4. */
  public long bytes() {
    return buffers * ((long) bufferBytes + RunBuffer.ENTRY_TABLE_BYTES)
        + (long) workers * WindowPages.BYTES
        + ChunkEncoder.ZERO_BYTES
        + 2L * IndexSegment.MOST_BYTES;
  }
}
