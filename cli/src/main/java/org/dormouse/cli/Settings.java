package org.dormouse.cli;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.dormouse.text.ReportException;
import picocli.CommandLine.TypeConversionException;

/**
 * The lines of a file of settings, {@code key = value}, a key once; what begins with {@code #} is a
 * comment. Pure. Each value is read by who knows what it may be.
 */
final class Settings {
  private static final int SHOWN = 60;

  private record Setting(int line, String value) {}

  private final Path file;
  private final Map<String, Setting> settings = new HashMap<>();

  private Settings(Path file) {
    this.file = file;
  }

  /**
   * Splits the text.
   *
   * @param file its name, for errors
   * @param keys which there may be
   * @throws ReportException if a line is none of {@code key = value}, has no such key, or one that
   *     has been set before; names file and line
   */
  static Settings of(String text, Path file, List<String> keys) throws ReportException {
    Settings settings = new Settings(file);
    int number = 0;
    for (String line : text.split("\n", -1)) {
      number++;
      String stripped = line.strip();
      if (!stripped.isEmpty() && !stripped.startsWith("#")) {
        settings.add(number, stripped, keys);
      }
    }
    return settings;
  }

  private void add(int number, String line, List<String> keys) throws ReportException {
    int equals = line.indexOf('=');
    if (equals < 0) {
      throw wrong(number, "'" + line + "' is not of the form key = value");
    }
    String key = line.substring(0, equals).strip();
    String value = line.substring(equals + 1).strip();
    if (!keys.contains(key)) {
      throw wrong(number, "there is no key '" + key + "'; there are " + String.join(", ", keys));
    }
    if (value.isEmpty()) {
      throw wrong(number, key + " has no value");
    }
    Setting before = settings.putIfAbsent(key, new Setting(number, value));
    if (before != null) {
      throw wrong(number, key + " is set already, in line " + before.line);
    }
  }

  /**
   * Reads the value of a key.
   *
   * @param reader throws {@link IllegalArgumentException} or {@link TypeConversionException} at
   *     what it does not take
   * @return empty if the key is not set
   * @throws ReportException if the value is not taken; names file and line
   */
  <T> Optional<T> read(String key, Function<String, T> reader) throws ReportException {
    Setting setting = settings.get(key);
    if (setting == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(reader.apply(setting.value));
    } catch (IllegalArgumentException | TypeConversionException e) {
      throw wrong(setting.line, String.valueOf(e.getMessage()));
    }
  }

  private ReportException wrong(int line, String why) {
    return new ReportException(
        file + ", line " + line + ": " + plain(why),
        "Nothing was changed; the machine goes on.",
        "Mend the line, or begin it with # for the default.");
  }

  /** A console obeys control characters, and a person reads no more than a line. */
  private static String plain(String message) {
    String line = message.replaceAll("\\p{Cc}", " ");
    return line.length() <= 2 * SHOWN
        ? line
        : line.substring(0, SHOWN) + " … " + line.substring(line.length() - SHOWN);
  }
}
