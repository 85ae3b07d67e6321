package org.dormouse.image;

/**
 * How many threads share the work, and how much memory they do it in.
 *
 * @param workers threads that pack or unpack; one more reads or writes the store
 * @param buffers how many buffers go round between them and the store
 * @param bufferBytes the size of a buffer, and about that of a transfer, in bytes
 */
public record PipelineSize(int workers, int buffers, int bufferBytes) {
  private static final int USUAL_BUFFER_BYTES = 3 << 20;

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

  /** The usual sizes: for 2 workers some 14 MiB. */
  public static PipelineSize of(int workers) {
    return new PipelineSize(workers, workers + 2, USUAL_BUFFER_BYTES);
  }

  /** All the memory that the pipeline takes, the index and the codec's own 16 KiB excepted. */
  public long bytes() {
    return buffers * ((long) bufferBytes + PackedRun.ENTRY_TABLE_BYTES)
        + (long) workers * WindowPages.BYTES
        + ChunkPacker.ZERO_BYTES;
  }
}
