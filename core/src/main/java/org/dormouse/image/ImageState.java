package org.dormouse.image;

/** What an image is good for. It moves by one atomic, flushed write of the header each. */
public enum ImageState {
  /** There is no image: never written, given up, or discarded. */
  EMPTY(0),
  /** Being written, or left half-written by a loss of power. Never resumable. */
  WRITING(1),
  /** Whole, and not yet resumed. */
  COMPLETE(2),
  /**
   * Resumed once. Never again: the file systems have moved on since, and memory that remembers them
   * otherwise would destroy them.
   */
  CONSUMED(3);

  private final int code;

  ImageState(int code) {
    this.code = code;
  }

  /** The number that stands for the state in the header. */
  int code() {
    return code;
  }
}
