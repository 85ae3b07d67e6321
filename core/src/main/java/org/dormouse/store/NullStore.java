package org.dormouse.store;

import java.lang.foreign.MemorySegment;

/**
 * A store without an end that keeps nothing, as {@code /dev/null}: to see what the writing of an
 * image takes without a disk. It reads as zeros.
 */
public final class NullStore implements Store {
  /** More than any image. */
  private static final long SIZE = 1L << 60;

  @Override
  public String name() {
    return "/dev/null";
  }

  @Override
  public long size() {
    return SIZE;
  }

  @Override
  public void read(long offset, MemorySegment target) {
    target.fill((byte) 0);
  }

  @Override
  public void write(long offset, MemorySegment source) {
    // It goes where everything goes.
  }

  @Override
  public void flush() {
    // There is nothing to be made durable.
  }

  @Override
  public void close() {
    // Nothing is open.
  }
}
