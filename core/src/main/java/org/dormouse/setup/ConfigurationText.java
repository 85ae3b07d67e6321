package org.dormouse.setup;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The text of {@code /etc/dormouse.conf} with other values. Pure. */
final class ConfigurationText {
  private ConfigurationText() {}

  /**
   * The text with these keys set: where a key is set, its line is replaced; where it is only
   * mentioned, as {@code #key = …}, its line follows; else it is added at the end.
   */
  static String with(String text, Map<String, String> keys) {
    List<String> lines = new ArrayList<>(text.lines().toList());
    new TreeMap<>(keys).forEach((key, value) -> set(lines, key, key + " = " + value));
    return lines.isEmpty() ? "" : String.join("\n", lines) + "\n";
  }

  private static void set(List<String> lines, String key, String line) {
    int set = indexOf(lines, "\\s*" + key + "\\s*=.*");
    if (set >= 0) {
      lines.set(set, line);
      return;
    }
    int mentioned = indexOf(lines, "#\\s?" + key + "\\s*=.*");
    lines.add(mentioned >= 0 ? mentioned + 1 : lines.size(), line);
  }

  private static int indexOf(List<String> lines, String pattern) {
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).matches(pattern)) {
        return i;
      }
    }
    return -1;
  }
}
