package org.dormouse.image;

import java.lang.foreign.Arena;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.dormouse.codec.Aead;
import org.dormouse.seal.Envelope;
import org.dormouse.store.Store;
import org.dormouse.text.KeyValues;
import org.dormouse.text.ReportException;

/**
 * The image in a store as a whole: its header, and the moves that it makes. Each move is durable
 * when the method returns; a loss of power before that leaves what was there or what was to be.
 */
public final class Image {
  private Image() {}

  /**
   * The header, whatever state the image is in.
   *
   * @throws ImageFormatException if there is none, or it is of another version or damaged
   * @throws ReportException if the store cannot be read
   */
  public static ImageHeader header(Store store) throws ReportException {
    try (Arena arena = Arena.ofConfined()) {
      return HeaderBlock.read(arena, store).decode();
    }
  }

  /**
   * Whether the store's state names this image. Unlike {@link #header} it can tell also when the
   * description is damaged.
   *
   * @throws ImageFormatException if there is no state, or it is of another version or damaged
   * @throws ReportException if the store cannot be read
   */
  public static boolean names(Store store, UUID image) throws ReportException {
    try (Arena arena = Arena.ofConfined()) {
      return HeaderBlock.read(arena, store).state().image().equals(image);
    }
  }

  /**
   * Says that an image is about to be written: the saver finds its store by that. Whatever was in
   * the store is lost, except the saver's files, which {@link SaverFiles#install} has put there.
   *
   * @throws ReportException if the store cannot be written
   */
  public static ImageHeader claim(Store store, UUID image, ImageDescription description)
      throws ReportException {
    return claim(store, image, description, Optional.empty());
  }

  /**
   * How an image is to be sealed.
   *
   * @param envelope the image's key
   */
  public record Sealing(Aead.Cipher cipher, Envelope envelope) {}

  /**
   * The same for an image that may be sealed.
   *
   * @throws ReportException if the store cannot be written
   */
  public static ImageHeader claim(
      Store store, UUID image, ImageDescription description, Optional<Sealing> sealing)
      throws ReportException {
    StateSector claimed = new StateSector(ImageState.WRITING, image, 0, 0, 0, "");
    try (Arena arena = Arena.ofConfined()) {
      HeaderBlock block = present(arena, store).orElseGet(() -> HeaderBlock.blank(arena));
      StateSector before = block.state();
      if (before.state().needsDescription() || before.state() == ImageState.REFUSED) {
        // First the state alone: a torn block must not be a damaged image, which is a riddle.
        block.putState(claimed.withDescriptionChecksum(before.descriptionChecksum()));
        block.writeDurably(store);
      }
      eraseEnvelope(store, block);
      KeyValues lines = description.lines();
      if (sealing.isPresent()) {
        EnvelopeBlock envelope = EnvelopeBlock.of(arena, sealing.get().envelope());
        envelope.write(store);
        SealLines seal =
            new SealLines(sealing.get().cipher(), envelope.checksum(), Optional.empty());
        lines = lines.withAll(seal.lines());
      }
      block.put(claimed, lines);
      block.writeDurably(store);
      return block.decode();
    }
  }

  /**
   * Counts that somebody begins to restore the image.
   *
   * @throws ImageFormatException if the store holds another image, or not a complete one
   * @throws ReportException if the store cannot be written; it may or may not be counted
   */
  public static ImageHeader countAttempt(Store store, UUID image) throws ReportException {
    return changeComplete(store, image, state -> state.withAttempts(oneMore(state.attempts())));
  }

  /**
   * Counts that a saver, started without need, restarts the machine into an ordinary boot.
   *
   * @throws ImageFormatException if there is no header, or it is of another version or damaged
   * @throws ReportException if the store cannot be written; it may or may not be counted
   */
  public static ImageHeader countRestart(Store store) throws ReportException {
    return change(store, state -> state.withRestarts(oneMore(state.restarts())));
  }

  /**
   * Takes an attempt back that came to nothing because the image's key was not given: whoever
   * switches the machine off when he is asked for a passphrase has not made the image any worse.
   *
   * @throws ImageFormatException if the store holds another image, or not a complete one
   * @throws ReportException if the store cannot be written; it may or may not be taken back
   */
  public static ImageHeader takeBackAttempt(Store store, UUID image) throws ReportException {
    return changeComplete(
        store, image, state -> state.withAttempts(Math.max(0, state.attempts() - 1)));
  }

  /**
   * Has the next ordinary boot go on without the image, that once.
   *
   * @param reason for people; what does not fit into one line of 160 bytes is cut
   * @throws ImageFormatException if the store holds another image, or not a complete one
   * @throws ReportException if the store cannot be written; it may or may not be said
   */
  public static ImageHeader bootOnce(Store store, UUID image, String reason)
      throws ReportException {
    return changeComplete(
        store, image, state -> state.withBoot(StateSector.Boot.ON).withReason(reason));
  }

  /**
   * Says why an attempt to restore the image has failed. The image stays as good as it was.
   *
   * @param reason for people; what does not fit into one line of 160 bytes is cut
   * @throws ImageFormatException if the store holds another image, or not a complete one
   * @throws ReportException if the store cannot be written; the reason may be lost
   */
  public static ImageHeader recordFailure(Store store, UUID image, String reason)
      throws ReportException {
    return changeComplete(store, image, state -> state.withReason(reason));
  }

  /**
   * Says that this machine, as it is, must not wake the image. It stays whole.
   *
   * @param reason for people; what does not fit into one line of 160 bytes is cut
   * @throws ImageFormatException if the store holds another image, or not a complete one
   * @throws ReportException if the store cannot be written; the image may or may not be marked
   */
  public static ImageHeader refuse(Store store, UUID image, String reason) throws ReportException {
    return changeComplete(
        store, image, state -> state.withState(ImageState.REFUSED).withReason(reason));
  }

  /**
   * Lets an image that was refused, or has failed, be tried again.
   *
   * @throws ImageFormatException if the store holds no image that could be woken
   * @throws ReportException if the store cannot be written
   */
  public static ImageHeader retry(Store store) throws ReportException {
    ImageHeader header = header(store);
    if (header.state() != ImageState.REFUSED) {
      checkComplete(header.state(), header.image());
    }
    return change(
        store, state -> state.withState(ImageState.COMPLETE).withAttempts(0).withRestarts(0));
  }

  /**
   * Says that the image has been restored: it will never be restored again.
   *
   * @param image the image that is meant, lest another be marked
   * @throws ImageFormatException if the store holds another image, or not a complete one
   * @throws ReportException if the store cannot be written; the image may or may not be marked
   */
  public static ImageHeader markConsumed(Store store, UUID image) throws ReportException {
    ImageHeader consumed =
        changeComplete(store, image, state -> state.withState(ImageState.CONSUMED));
    eraseEnvelope(store, consumed);
    return consumed;
  }

  /**
   * The envelope of a sealed image's key.
   *
   * @throws ImageFormatException if it was erased when the image was used, or is damaged
   * @throws ReportException if the store cannot be read
   */
  public static Envelope envelope(Store store, SealLines seal) throws ReportException {
    return EnvelopeBlock.read(store, seal);
  }

  /** An image whose envelope does not open although the key is right. */
  public static ImageFormatException forged(String where) {
    return new ImageFormatException(Damage.FORGED, where);
  }

  /** Where a sealed image was that is no more. */
  private static void eraseEnvelope(Store store, HeaderBlock block) throws ReportException {
    if (block.state().state() != ImageState.COMPLETE) {
      eraseEnvelope(store, block.decode());
    }
  }

  private static void eraseEnvelope(Store store, ImageHeader header) {
    if (header.seal().isPresent()) {
      try {
        EnvelopeBlock.erase(store);
      } catch (ReportException e) {
        // The state says durably that the image is gone, which is what counts.
      }
    }
  }

  /**
   * Takes the image away, whatever state it is in and however damaged. The saver's files stay, with
   * the lines that describe them, as far as those can be read.
   *
   * @param reason for people; what does not fit into one line of 160 bytes is cut
   * @throws ImageFormatException if the store does not begin as an image does; it is untouched
   * @throws ReportException if the store cannot be read or written
   */
  public static ImageHeader discard(Store store, String reason) throws ReportException {
    try (Arena arena = Arena.ofConfined()) {
      HeaderBlock block = HeaderBlock.read(arena, store);
      StateSector state;
      try {
        state = block.state();
      } catch (ImageFormatException e) {
        if (e.damage() == Damage.NOT_AN_IMAGE) {
          throw e;
        }
        // Whatever else is wrong with it, it is ours, and about to go.
        block = HeaderBlock.blank(arena);
        state = block.state();
      }
      block.putState(state.withState(ImageState.EMPTY).withReason(reason));
      block.writeDurably(store);
      ImageHeader discarded = block.decode();
      eraseEnvelope(store, discarded);
      return discarded;
    }
  }

  /** Says that there is neither an image nor a saver, whatever was there. */
  public static void blank(Store store) throws ReportException {
    try (Arena arena = Arena.ofConfined()) {
      HeaderBlock block = HeaderBlock.read(arena, store);
      // First the state alone: torn, the rest would be data of an unknown kind in an unused store.
      block.putState(StateSector.empty(""));
      block.writeDurably(store);
      HeaderBlock.blank(arena).writeDurably(store);
    }
  }

  /** Refuses what is not {@link ImageState#COMPLETE}. */
  static void checkComplete(ImageState state, UUID image) throws ImageFormatException {
    switch (state) {
      case COMPLETE -> {}
      case EMPTY -> throw new ImageFormatException(Damage.NOT_COMPLETE, "the store is empty");
      case WRITING ->
          throw new ImageFormatException(
              Damage.NOT_COMPLETE, "image " + image + " was not written to its end");
      case REFUSED ->
          throw new ImageFormatException(
              Damage.NOT_COMPLETE,
              "image " + image + " was refused by the machine that was to wake it");
      case CONSUMED -> throw new ImageFormatException(Damage.ALREADY_USED, "image " + image);
      case DUMP ->
          throw new ImageFormatException(
              Damage.NOT_COMPLETE, "image " + image + " is a dump: to be read, not to be woken");
    }
  }

  /**
   * Completes an image whose data and index have been written: they and the description are made
   * durable, then the state says so.
   *
   * @param complete the state that it then has
   */
  static ImageHeader commit(Store store, ImageHeader claimed, ImageState complete, KeyValues lines)
      throws ReportException {
    StateSector state = StateSector.of(claimed);
    try (Arena arena = Arena.ofConfined()) {
      HeaderBlock block = HeaderBlock.blank(arena);
      StateSector vouching = block.put(state, lines);
      block.writeDurably(store);
      block.putState(vouching.withState(complete));
      block.writeDurably(store);
      return block.decode();
    }
  }

  private static ImageHeader changeComplete(
      Store store, UUID image, UnaryOperator<StateSector> change) throws ReportException {
    try (Arena arena = Arena.ofConfined()) {
      HeaderBlock block = HeaderBlock.read(arena, store);
      ImageHeader header = block.decode();
      checkComplete(header.state(), header.image());
      if (!header.image().equals(image)) {
        throw new ImageFormatException(
            Damage.NOT_COMPLETE,
            String.format("%s holds image %s, not %s", store.name(), header.image(), image));
      }
      return change(store, block, change);
    }
  }

  private static ImageHeader change(Store store, UnaryOperator<StateSector> change)
      throws ReportException {
    try (Arena arena = Arena.ofConfined()) {
      return change(store, HeaderBlock.read(arena, store), change);
    }
  }

  private static ImageHeader change(
      Store store, HeaderBlock block, UnaryOperator<StateSector> change) throws ReportException {
    block.putState(change.apply(block.state()));
    // Before it is written: what is refused has not happened.
    ImageHeader changed = block.decode();
    block.writeDurably(store);
    return changed;
  }

  /** The block of a store whose first sector can be read. */
  private static Optional<HeaderBlock> present(Arena arena, Store store) throws ReportException {
    try {
      HeaderBlock block = HeaderBlock.read(arena, store);
      block.state();
      return Optional.of(block);
    } catch (ImageFormatException e) {
      return Optional.empty();
    }
  }

  private static int oneMore(int count) {
    return count == Integer.MAX_VALUE ? count : count + 1;
  }
}
