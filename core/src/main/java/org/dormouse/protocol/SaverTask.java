package org.dormouse.protocol;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.dormouse.image.CodecChoice;
import org.dormouse.memory.Pages;
import org.dormouse.text.KeyValues;
import org.dormouse.vmcore.Exclusions;

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

  /** The line that says where on its device the store is. */
  String STORE_OFFSET = "store_offset";

  /**
   * Save the original kernel into a store that is waiting for this image.
   *
   * @param image the image's identity, by which the store is found
   * @param store as the user names it, for messages
   * @param offset where on its device it is, bytes; empty for a store that is the whole device
   * @param sealed whether the mailbox holds a key to seal it with
   * @param codec what it is to be compressed with; empty if the saver decides from chunk to chunk
   * @param then what becomes of the machine
   */
  record Save(
      UUID image,
      String store,
      OptionalLong offset,
      Sealed sealed,
      Optional<CodecChoice> codec,
      Then then)
      implements SaverTask {
    @Override
    public KeyValues lines() {
      KeyValues lines =
          KeyValues.empty()
              .with(TASK, "save")
              .with(IMAGE, image.toString())
              .with(STORE, store)
              .with(THEN, then.word());
      if (offset.isPresent()) {
        lines = lines.with(STORE_OFFSET, offset.getAsLong());
      }
      if (sealed == Sealed.YES) {
        lines = lines.with(SEALED, "yes");
      }
      return codec.isPresent() ? lines.with(CODEC, codec.get().text()) : lines;
    }
  }

  /**
   * Save the original kernel as an image that is only read, and come back.
   *
   * @param image the image's identity
   * @param where the store that is waiting for it
   * @param store as the user names it, for messages
   * @param sealed whether the mailbox holds a key to seal it with
   * @param codec what it is to be compressed with; empty if the saver decides from chunk to chunk
   * @param excluded what is left out besides free memory
   */
  record Snapshot(
      UUID image,
      Where where,
      String store,
      Sealed sealed,
      Optional<CodecChoice> codec,
      Exclusions excluded)
      implements SaverTask {
    private static final String EXCLUDE = "exclude";
    private static final String LENT_LIST = "lent_list";
    private static final String LENT_PAGES = "lent_pages";

    /** Where the store is. */
    public sealed interface Where {
      /** A block device. */
      record OnDevice() implements Where {}

      /**
       * The original kernel's own memory ({@link org.dormouse.mailbox.LentPages}).
       *
       * @param list the PFN of the first page that tells which pages are lent
       * @param pages how many these are
       */
      record InMemory(long list, long pages) implements Where {}
    }

    @Override
    public KeyValues lines() {
      KeyValues lines =
          KeyValues.empty()
              .with(TASK, "snapshot")
              .with(IMAGE, image.toString())
              .with(STORE, store)
              .with(EXCLUDE, excluded.level());
      if (where instanceof Where.InMemory(long list, long pages)) {
        lines = lines.withAddress(LENT_LIST, Pages.address(list)).with(LENT_PAGES, pages);
      }
      if (sealed == Sealed.YES) {
        lines = lines.with(SEALED, "yes");
      }
      return codec.isPresent() ? lines.with(CODEC, codec.get().text()) : lines;
    }

    private static Snapshot of(KeyValues lines) {
      return new Snapshot(
          UUID.fromString(lines.text(IMAGE)),
          lines.find(LENT_LIST).isPresent()
              ? new Where.InMemory(Pages.pfn(lines.number(LENT_LIST)), lines.number(LENT_PAGES))
              : new Where.OnDevice(),
          lines.text(STORE),
          Sealed.of(lines),
          codecOf(lines),
          Exclusions.ofLevel(Math.clamp(lines.number(EXCLUDE), -1, Integer.MAX_VALUE)));
    }
  }

  /** Whether an image is sealed. */
  enum Sealed {
    YES,
    NO;

    private static Sealed of(KeyValues lines) {
      return lines.find(SEALED).equals(Optional.of("yes")) ? YES : NO;
    }
  }

  private static OptionalLong offsetOf(KeyValues lines) {
    return lines.find(STORE_OFFSET).isPresent()
        ? OptionalLong.of(lines.number(STORE_OFFSET))
        : OptionalLong.empty();
  }

  private static Optional<CodecChoice> codecOf(KeyValues lines) {
    return lines.find(CODEC).map(CodecChoice::parse);
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
              offsetOf(lines),
              Sealed.of(lines),
              codecOf(lines),
              lines.find(THEN).map(Then::of).orElse(Then.POWEROFF));
      case "snapshot" -> Snapshot.of(lines);
      case "return" -> new Return();
      default -> throw new IllegalArgumentException(task + " is no task of a saver");
    };
  }
}
