package org.dormouse.image;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * How far the writing or reading of an image has come. Many threads count; anybody may look at any
 * time.
 */
public final class ImageProgress {
  /** What time is spent on. */
  public enum Stage {
    /**
     * Reaching memory, looking for pages that are all zero, and gathering the others where they do
     * not lie together.
     */
    SCAN,
    /** Compressing chunks, and their checksums. */
    COMPRESS,
    /** Writing the store, and waiting for it to flush. */
    WRITE,
    /** Reading the store. */
    READ,
    /** Checksums of chunks, and decompressing them, most of them straight into place. */
    DECOMPRESS,
    /** Zeroing pages, and copying those into place that could not be decompressed there. */
    PLACE
  }

  private final LongAdder pagesSeen = new LongAdder();
  private final LongAdder pagesMoved = new LongAdder();
  private final LongAdder chunks = new LongAdder();
  private final LongAdder storeBytes = new LongAdder();
  private final Map<Stage, LongAdder> nanos = new EnumMap<>(Stage.class);

  /** Nothing done yet. */
  public ImageProgress() {
    for (Stage stage : Stage.values()) {
      nanos.put(stage, new LongAdder());
    }
  }

  /** Pages of memory looked at, zero ones included; when reading, the same as those moved. */
  public long pagesSeen() {
    return pagesSeen.sum();
  }

  /** Pages that went into chunks, or came out of them. */
  public long pagesMoved() {
    return pagesMoved.sum();
  }

  /** Chunks encoded, those of zeros excepted, or decoded. */
  public long chunks() {
    return chunks.sum();
  }

  /** Bytes written to the store, or read from it. */
  public long storeBytes() {
    return storeBytes.sum();
  }

  /** Time spent on {@code stage}, summed over all threads. */
  public Duration time(Stage stage) {
    return Duration.ofNanos(nanos.get(stage).sum());
  }

  void looked(long pages) {
    pagesSeen.add(pages);
  }

  void moved(long pages) {
    chunks.increment();
    pagesMoved.add(pages);
  }

  void transferred(long bytes) {
    storeBytes.add(bytes);
  }

  /** Counts the time from {@code start}, of {@link System#nanoTime}, and returns the time now. */
  long spent(Stage stage, long start) {
    long now = System.nanoTime();
    nanos.get(stage).add(now - start);
    return now;
  }
}
