package org.dormouse.image;

/** Why an image cannot be used. */
public enum Damage {
  /** What is there does not begin as an image does. */
  NOT_AN_IMAGE("this is not a Dormouse image", "See whether the store is the one that was meant."),
  /** An image of a version that this program does not know. */
  WRONG_VERSION(
      "the image has another format version",
      "Wake the machine with the Dormouse that wrote it, or discard the image."),
  /** The header does not match its checksum, or says what no header says. */
  HEADER_DAMAGED("the image's header is damaged", Damage.DISCARD),
  /** There is no image, or it was not written to its end. */
  NOT_COMPLETE("there is no complete image", "There is nothing to be done about it."),
  /** It was restored before. */
  ALREADY_USED(
      "the image was used before", "Never restore it: the file systems have moved on since."),
  /** The store ends before the image does. */
  TRUNCATED("the image is cut short", Damage.DISCARD),
  /** The index does not match its checksum, or says what no index says. */
  INDEX_DAMAGED("the image's index is damaged", Damage.DISCARD),
  /** The details do not match their checksum. */
  DETAILS_DAMAGED("the image's details are damaged", Damage.DISCARD),
  /** The saver's kernel or initramfs does not match its digest. */
  SAVER_DAMAGED("the saver in the store is damaged", Damage.DISCARD),
  /** A chunk does not match its checksum, or does not decompress to its pages. */
  CHUNK_DAMAGED("a chunk of the image is damaged", Damage.DISCARD),
  /** The envelope of a sealed image's key was overwritten when the image was used. */
  KEY_ERASED(
      "the image was used before, and its key is erased",
      "Never restore it: the file systems have moved on since."),
  /** The envelope of a sealed image's key does not match its checksum, or makes no sense. */
  ENVELOPE_DAMAGED("the envelope with the image's key is damaged", Damage.DISCARD),
  /** The envelope, or the description, is not what this machine has sealed. */
  FORGED("the image was changed after it was sealed", Damage.DISTRUST),
  /** Pieces of a sealed image lie where others belong. */
  REORDERED("pieces of the image have changed places", Damage.DISTRUST),
  /** A piece of a sealed image is of another one. */
  MIXED("a piece of another image lies in this one", Damage.DISTRUST);

  private static final String DISCARD =
      "Check the device and its cable; if the image stays unreadable, discard it and boot.";

  private static final String DISTRUST =
      "Somebody has written to the store. Discard the image, and see who can get at the disk.";

  private final String text;
  private final String remedy;

  Damage(String text, String remedy) {
    this.text = text;
    this.remedy = remedy;
  }

  /** The same in words. */
  public String text() {
    return text;
  }

  /** What to do about it, a sentence. */
  String remedy() {
    return remedy;
  }
}
