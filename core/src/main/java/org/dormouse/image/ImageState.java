package org.dormouse.image;

/** What an image is good for. It moves by one atomic, flushed write of one sector each. */
public enum ImageState {
  /** There is no image: never written, given up, or discarded. */
  EMPTY,
  /** Being written, or left half-written by a loss of power. Never to be restored. */
  WRITING,
  /** Whole, and not yet restored. */
  COMPLETE,
  /**
   * Whole, and refused by the machine that was to wake it: another processor, another memory map, a
   * disk that is missing. Ordinary boots leave it alone until somebody asks for another try.
   */
  REFUSED,
  /**
   * Restored once. Never again: the file systems have moved on since, and memory that remembers
   * them otherwise would destroy them.
   */
  CONSUMED,
  /** Whole, to be read and never to be restored: nothing says how, and its kernel went on. */
  DUMP;

  /** Whether an image in this state is whole only with its description. */
  boolean needsDescription() {
    return this == COMPLETE || this == DUMP;
  }
}
