package org.dormouse.protocol;

import java.util.Optional;
import java.util.UUID;
import org.dormouse.image.CodecChoice;
import org.dormouse.text.KeyValues;

/** What the original kernel asks a saver to do. */
public sealed interface SaverTask {
  /** The line that names the task. */
  String TASK = "task";

  /** The line that names the image. */
  String IMAGE = "image";

  /** The line that says that the image is to be sealed. */
  String SEALED = "sealed";

  /** The line that says what the image is to be compressed with. */
  String CODEC = "codec";

  /** The line that says what becomes of the machine then. */
  String THEN = "then";

  /** The line that names the store. */
  String STORE = "store";

  /**
   * Save the original kernel into a store that is waiting for this image.
   *
   * @param image the image's identity, by which the store is found
   * @param store as the user names it, for messages
   * @param sealed whether the mailbox holds a key to seal it with
   * @param codec what it is to be compressed with; empty if the saver decides from chunk to chunk
   * @param then what becomes of the machine
   */
  record Save(UUID image, String store, Sealed sealed, Optional<CodecChoice> codec, Then then)
      implements SaverTask {
    @Override
    public KeyValues lines() {
      KeyValues lines =
          KeyValues.empty()
              .with(TASK, "save")
              .with(IMAGE, image.toString())
              .with(STORE, store)
              .with(THEN, then.word());
      if (sealed == Sealed.YES) {
        lines = lines.with(SEALED, "yes");
      }
      return codec.isPresent() ? lines.with(CODEC, codec.get().text()) : lines;
    }
  }

  /** Whether an image is sealed. */
  enum Sealed {
    YES,
    NO
  }

  /** Come back at once, and stay warm. */
  record Return() implements SaverTask {
    @Override
    public KeyValues lines() {
      return KeyValues.empty().with(TASK, "return");
    }
  }

  /** The task as lines of a request. */
  KeyValues lines();

  /**
   * Reads the task from a request.
   *
   * @throws IllegalArgumentException if there is none, or it is not known
   */
  static SaverTask of(KeyValues lines) {
    String task = lines.text(TASK);
    return switch (task) {
      case "save" ->
          new Save(
              UUID.fromString(lines.text(IMAGE)),
              lines.text(STORE),
              lines.find(SEALED).equals(Optional.of("yes")) ? Sealed.YES : Sealed.NO,
              lines.find(CODEC).map(CodecChoice::parse),
              lines.find(THEN).map(Then::of).orElse(Then.POWEROFF));
      case "return" -> new Return();
      default -> throw new IllegalArgumentException(task + " is no task of a saver");
    };
  }
}
