package org.dormouse.setup;

import java.util.List;
import org.dormouse.text.KeyValues;

/**
 * Which distribution a system is of: {@code os-release(5)}.
 *
 * @param id its name for programs, {@code debian}
 * @param like the names of those that it is made from
 * @param name its name for people, with its version
 */
public record Distribution(String id, List<String> like, String name) {
  /** Copies the list. */
  public Distribution {
    like = List.copyOf(like);
  }

  /** Reads the file's text; what it does not say is {@code linux}. */
  static Distribution parse(String text) {
    KeyValues lines = KeyValues.parse(text);
    return new Distribution(
        value(lines, "ID", "linux"),
        List.of(value(lines, "ID_LIKE", "").strip().split(" +")).stream()
            .filter(word -> !word.isEmpty())
            .toList(),
        value(lines, "PRETTY_NAME", "Linux"));
  }

  /** Values may stand in quotation marks, as in a shell. */
  private static String value(KeyValues lines, String key, String ifMissing) {
    return lines.find(key).map(text -> text.replaceAll("^[\"']|[\"']$", "")).orElse(ifMissing);
  }

  /** Whether it is {@code other}, or made from it. */
  public boolean isLike(String other) {
    return id.equals(other) || like.contains(other);
  }
}
