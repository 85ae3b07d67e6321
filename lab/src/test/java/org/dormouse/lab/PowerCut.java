package org.dormouse.lab;

import java.util.Optional;
import org.dormouse.image.ImageDescription;
import org.dormouse.image.ImageHeader;
import org.dormouse.image.ImageState;
import org.dormouse.image.SaverFiles;
import org.dormouse.image.WakeDescription;

/**
 * The table of docs/image-format.md, "When the power fails": a row for each moment, and what may
 * then be found in the store.
 */
enum PowerCut {
  INSTALL("while the saver's files are installed"),
  CLAIM("while the store is claimed"),
  CLAIMED("after the claim, in the original kernel"),
  WRITE("while data, index, details or description are written, or not yet flushed"),
  COMMIT("while the commit is written"),
  ASLEEP("after the commit"),
  GIVE_UP("while a failed save is given up"),

  ATTEMPT("before or while the attempt is counted"),
  TAKE_BACK("while the attempt is taken back, to ask for a passphrase"),
  BOOT_ON("while the next boot is told to go on"),
  FRAMES("while frames are written"),
  FAILURE("while a failure is recorded"),
  REFUSE("while the image is refused"),
  RETRY("while another try is allowed"),
  RESTART("while a restart is counted"),
  USE("while the use is written"),
  USED("after the use, before or after the jump"),

  DISCARD("while it is written");

  private final String moment;

  PowerCut(String moment) {
    this.moment = moment;
  }

  /** The second column of the table. */
  String moment() {
    return moment;
  }

  /**
   * Whether the table allows that this is found.
   *
   * @param before what was in the store, durably, when the moment began
   */
  boolean permits(Found before, Found found) {
    return switch (this) {
      case INSTALL ->
          found.equals(before)
              || (found.is(ImageState.EMPTY) && found.isUndescribedOrDescribedAs(before));
      case CLAIM -> found.isButForItsDescription(before) || found.is(ImageState.WRITING);
      case CLAIMED -> found.is(ImageState.WRITING) && found.description().isPresent();
      case WRITE -> found.is(ImageState.WRITING);
      case COMMIT -> found.equals(before) || found.is(ImageState.COMPLETE);
      case ASLEEP -> found.is(ImageState.COMPLETE);
      case GIVE_UP, DISCARD -> found.equals(before) || found.is(ImageState.EMPTY);
      case ATTEMPT -> found.equals(before) || found.isWithAttempts(before.attempts() + 1);
      case TAKE_BACK -> found.equals(before) || found.isWithAttempts(before.attempts() - 1);
      case BOOT_ON -> found.equals(before) || found.isWithAnotherReason(before);
      case FRAMES -> found.is(ImageState.COMPLETE) && found.equals(before);
      case FAILURE -> found.equals(before) || found.isWithAnotherReason(before);
      case REFUSE -> found.equals(before) || found.is(ImageState.REFUSED);
      case RETRY -> found.equals(before) || found.isWithAttempts(0);
      case RESTART -> found.equals(before) || found.isRestartedOnceMore(before);
      case USE -> found.equals(before) || found.is(ImageState.CONSUMED);
      case USED -> found.is(ImageState.CONSUMED);
    };
  }

  /**
   * What the first block of a store says.
   *
   * @param header empty if there is none, since the store has never been used
   */
  record Found(Optional<ImageHeader> header) {
    @Override
    public String toString() {
      return header
          .map(
              h ->
                  "%s, %d attempts, %d restarts, '%s', %s"
                      .formatted(
                          h.state(),
                          h.attempts(),
                          h.restarts(),
                          h.reason(),
                          h.description().isPresent() ? "described" : "not described"))
          .orElse("nothing");
    }

    boolean is(ImageState state) {
      return state().equals(Optional.of(state));
    }

    Optional<ImageState> state() {
      return header.map(ImageHeader::state);
    }

    Optional<ImageDescription> description() {
      return header.flatMap(ImageHeader::description);
    }

    Optional<SaverFiles> saver() {
      return description().flatMap(ImageDescription::wake).map(WakeDescription::saverFiles);
    }

    int attempts() {
      return header.map(ImageHeader::attempts).orElse(0);
    }

    private boolean isWithAttempts(int attempts) {
      return is(ImageState.COMPLETE) && attempts() == attempts;
    }

    private boolean isWithAnotherReason(Found before) {
      return is(ImageState.COMPLETE) && !reason().equals(before.reason());
    }

    private Optional<String> reason() {
      return header.map(ImageHeader::reason);
    }

    private boolean isRestartedOnceMore(Found before) {
      return state().equals(before.state())
          && header.map(ImageHeader::restarts).equals(before.header.map(h -> h.restarts() + 1));
    }

    private boolean isUndescribedOrDescribedAs(Found other) {
      return description().isEmpty() || description().equals(other.description());
    }

    /** The same, or the same without the description, where nobody needs one. */
    private boolean isButForItsDescription(Found other) {
      return equals(other)
          || (description().isEmpty()
              && !is(ImageState.COMPLETE)
              && !is(ImageState.REFUSED)
              && equals(new Found(other.header.map(Found::undescribed))));
    }

    private static ImageHeader undescribed(ImageHeader header) {
      return new ImageHeader(
          header.state(),
          header.image(),
          header.attempts(),
          header.restarts(),
          header.reason(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());
    }
  }
}
