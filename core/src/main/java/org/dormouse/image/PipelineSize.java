package org.dormouse.image;

/**
 * How many threads share the work, and how much memory they do it in.
 *
 * @param workers threads that encode or decode; one more reads or writes the store
 * @param buffers how many buffers go round between them and the store
 * @param bufferBytes the size of a buffer, and about that of a transfer, in bytes
 * @param acceleration that of LZ4: 1 compresses best, each more is a little faster and worse
 */
public record PipelineSize(int workers, int buffers, int bufferBytes, int acceleration) {
  private static final int USUAL_BUFFER_BYTES = 3 << 20;

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException without workers, with fewer buffers than workers and store
   *     need to get on at all, or with buffers that are no multiple of 4096 bytes or below 2 MiB,
   *     or with an acceleration below 1
   */
  public PipelineSize {
    if (workers < 1 || buffers < workers + 1) {
      throw new IllegalArgumentException(workers + " workers with " + buffers + " buffers");
    }
    if (bufferBytes < 2 << 20 || bufferBytes % 4096 != 0) {
      throw new IllegalArgumentException("buffers of " + bufferBytes + " bytes");
    }
    if (acceleration < 1) {
      throw new IllegalArgumentException("acceleration of " + acceleration);
    }
  }

  /** The usual sizes: for 2 workers some 16 MiB. */
  public static PipelineSize of(int workers) {
    return new PipelineSize(workers, workers + 2, USUAL_BUFFER_BYTES, 8);
  }

  /** The same with another acceleration of LZ4. */
  public PipelineSize withAcceleration(int factor) {
    return new PipelineSize(workers, buffers, bufferBytes, factor);
  }

  /** All the memory that the pipeline takes, the compressors' own 16 KiB each excepted. */
  public long bytes() {
    return buffers * ((long) bufferBytes + RunBuffer.ENTRY_TABLE_BYTES)
        + (long) workers * WindowPages.BYTES
        + ChunkEncoder.ZERO_BYTES
        + IndexSegment.MOST_BYTES;
  }
}
