package org.dormouse.sleep;

import java.io.IOException;
import java.util.List;
import java.util.UUID;
import org.dormouse.linux.CommandLine;

/**
 * What the saver kernel is started for: the original kernel writes it on the saver's command line.
 */
public sealed interface SaverTask {
  /** The word that names the task. */
  String TASK_WORD = "dormouse.task";

  /** The word that names the store. */
  String STORE_WORD = "dormouse.store";

  /** The word that names the image. */
  String IMAGE_WORD = "dormouse.image";

  /** The word that limits the image. */
  String MOST_PAGES_WORD = "dormouse.most_pages";

  /**
   * Save the original kernel into a store that is waiting for this image, and power off.
   *
   * @param store as the user names it
   * @param image the image's identity
   * @param mostPages how many pages an image may have that can be resumed
   */
  record Save(String store, UUID image, long mostPages) implements SaverTask {
    @Override
    public List<String> words() {
      return List.of(
          TASK_WORD + "=save",
          STORE_WORD + "=" + store,
          IMAGE_WORD + "=" + image,
          MOST_PAGES_WORD + "=" + mostPages);
    }
  }

  /** Look at the original kernel's memory, and jump back. */
  record Rehearse() implements SaverTask {
    @Override
    public List<String> words() {
      return List.of(TASK_WORD + "=rehearse");
    }
  }

  /** The words for the saver's command line. */
  List<String> words();

  /**
   * Reads the task from the saver's command line.
   *
   * @throws IOException if there is none, or it is not known
   */
  static SaverTask of(CommandLine line) throws IOException {
    String task = word(line, TASK_WORD);
    return switch (task) {
      case "save" ->
          new Save(
              word(line, STORE_WORD),
              uuid(word(line, IMAGE_WORD)),
              count(word(line, MOST_PAGES_WORD)));
      case "rehearse" -> new Rehearse();
      default -> throw new IOException(TASK_WORD + "=" + task + " is no task of the saver");
    };
  }

  private static String word(CommandLine line, String name) throws IOException {
    return line.value(name)
        .orElseThrow(() -> new IOException("the saver's command line has no " + name + "="));
  }

  private static long count(String text) throws IOException {
    try {
      return Long.parseUnsignedLong(text);
    } catch (NumberFormatException e) {
      throw new IOException(MOST_PAGES_WORD + "=" + text + " is no number", e);
    }
  }

  private static UUID uuid(String text) throws IOException {
    try {
      return UUID.fromString(text);
    } catch (IllegalArgumentException e) {
      throw new IOException(IMAGE_WORD + "=" + text + " is no UUID", e);
    }
  }
}
