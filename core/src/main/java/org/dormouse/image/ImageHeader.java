package org.dormouse.image;

import java.util.Optional;
import java.util.UUID;

/**
 * The first block of a store: whether there is an image, and what there is to know before it is
 * read.
 *
 * @param state what the image is good for
 * @param image its identity; that of the last image when there is none any more
 * @param attempts how often somebody has begun to restore it
 * @param restarts how often a saver that was started without need has restarted the machine
 * @param reason why the last attempt failed or there is no image, for people; may be empty
 * @param description whose memory it is; without an image, that of the last one, if it is whole
 * @param body where the pages are: there when the image is complete, or was
 * @param seal how the image is sealed, if it is
 */
public record ImageHeader(
    ImageState state,
    UUID image,
    int attempts,
    int restarts,
    String reason,
    Optional<ImageDescription> description,
    Optional<ImageBody> body,
    Optional<SealLines> seal) {
  /** The format version that this program writes, and the only one that it reads. */
  public static final int VERSION = 3;

  /** The longest reason, in bytes of UTF-8. Longer ones are cut. */
  public static final int REASON_BYTES = 160;

  /**
   * Checks the counters.
   *
   * @throws IllegalArgumentException if one is negative
   */
  public ImageHeader {
    if (attempts < 0 || restarts < 0) {
      throw new IllegalArgumentException(attempts + " attempts, " + restarts + " restarts");
    }
  }
}
