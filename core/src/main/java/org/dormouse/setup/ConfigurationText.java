package org.dormouse.setup;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The text of {@code /etc/dormouse.conf}, of which single keys are set and taken back; all else in
 * it stays, byte for byte. Pure.
 */
final class ConfigurationText {
  /**
   * A line.
   *
   * @param text what stands in it
   * @param end what ends it; nothing, if the text ends without
   */
  private record Line(String text, String end) {
    /** The key that it sets; empty for comments and all else. */
    Optional<String> key() {
      String stripped = text.strip();
      int equals = stripped.indexOf('=');
      return equals < 0 || stripped.startsWith("#")
          ? Optional.empty()
          : Optional.of(stripped.substring(0, equals).strip());
    }

    /** The value of its key. */
    String value() {
      return text.substring(text.indexOf('=') + 1).strip();
    }
  }

  private ConfigurationText() {}

  /** Which keys are set. */
  static Set<String> keys(String text) {
    Set<String> keys = new LinkedHashSet<>();
    lines(text).forEach(line -> line.key().ifPresent(keys::add));
    return keys;
  }

  /** What a key is set to; empty if it is not set. */
  static Optional<String> value(String text, String key) {
    return find(text, key).map(Line::value);
  }

  /** The line that sets a key, without its end; empty if none does. */
  static Optional<String> line(String text, String key) {
    return find(text, key).map(Line::text);
  }

  /**
   * The text with a key set: where it is set, its line is replaced; where it is only mentioned, as
   * {@code #key = …}, its line follows; else it is added at the end.
   */
  static String with(String text, String key, String value) {
    List<Line> lines = lines(text);
    String line = key + " = " + value;
    int set = indexOf(lines, key);
    if (set >= 0) {
      lines.set(set, new Line(line, lines.get(set).end));
    } else {
      insert(lines, afterMention(lines, key), line);
    }
    return joined(lines);
  }

  /**
   * The text with a key as it was before {@link #with}.
   *
   * @param before the line that set it; empty if none did
   */
  static String restored(String text, String key, Optional<String> before) {
    List<Line> lines = lines(text);
    int set = indexOf(lines, key);
    if (set < 0) {
      return text;
    }
    if (before.isPresent()) {
      lines.set(set, new Line(before.get(), lines.get(set).end));
    } else if (lines.remove(set).end.isEmpty() && set > 0) {
      // It was added behind a line that had no end.
      lines.set(set - 1, new Line(lines.get(set - 1).text, ""));
    }
    return joined(lines);
  }

  private static void insert(List<Line> lines, int place, String line) {
    if (lines.isEmpty()) {
      lines.add(new Line(line, "\n"));
      return;
    }
    Line before = lines.get(place - 1);
    if (before.end.isEmpty()) {
      lines.set(place - 1, new Line(before.text, place > 1 ? lines.getFirst().end : "\n"));
    }
    lines.add(place, new Line(line, before.end));
  }

  private static int afterMention(List<Line> lines, String key) {
    Pattern mention = Pattern.compile("#\\s?" + Pattern.quote(key) + "\\s*=.*", Pattern.DOTALL);
    for (int i = 0; i < lines.size(); i++) {
      if (mention.matcher(lines.get(i).text).matches()) {
        return i + 1;
      }
    }
    return lines.size();
  }

  private static Optional<Line> find(String text, String key) {
    List<Line> lines = lines(text);
    int set = indexOf(lines, key);
    return set < 0 ? Optional.empty() : Optional.of(lines.get(set));
  }

  private static int indexOf(List<Line> lines, String key) {
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).key().filter(key::equals).isPresent()) {
        return i;
      }
    }
    return -1;
  }

  private static List<Line> lines(String text) {
    List<Line> lines = new ArrayList<>();
    int start = 0;
    while (start < text.length()) {
      int feed = text.indexOf('\n', start);
      int next = feed < 0 ? text.length() : feed + 1;
      int end = feed < 0 ? next : feed;
      if (feed > start && text.charAt(feed - 1) == '\r') {
        end--;
      }
      lines.add(new Line(text.substring(start, end), text.substring(end, next)));
      start = next;
    }
    return lines;
  }

  private static String joined(List<Line> lines) {
    return lines.stream().map(line -> line.text + line.end).collect(Collectors.joining());
  }
}
