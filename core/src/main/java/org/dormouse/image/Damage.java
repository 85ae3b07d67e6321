package org.dormouse.image;

/** Why an image cannot be used. */
public enum Damage {
  /** What is there does not begin as an image does. */
  NOT_AN_IMAGE("this is not a Dormouse image"),
  /** An image of a version that this program does not know. */
  WRONG_VERSION("the image has another format version"),
  /** The header does not match its checksum, or says what no header says. */
  HEADER_DAMAGED("the image's header is damaged"),
  /** There is no image, or it was not written to its end. */
  NOT_COMPLETE("there is no complete image"),
  /** It was resumed before. */
  ALREADY_USED("the image was used before"),
  /** The store ends before the image does. */
  TRUNCATED("the image is cut short"),
  /** The index does not match its checksum, or says what no index says. */
  INDEX_DAMAGED("the image's index is damaged"),
  /** A chunk does not match its checksum, or does not unpack to its pages. */
  CHUNK_DAMAGED("a chunk of the image is damaged");

  private final String text;

  Damage(String text) {
    this.text = text;
  }

  /** The same in words. */
  public String text() {
    return text;
  }
}
