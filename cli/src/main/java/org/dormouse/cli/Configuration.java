package org.dormouse.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.dormouse.image.CodecChoice;
import org.dormouse.protocol.Then;
import org.dormouse.sleep.KeyFiles;
import org.dormouse.text.ReportException;
import picocli.CommandLine.TypeConversionException;

/**
 * What an administrator has settled for this machine: defaults for the options of the commands.
 * Lines of {@code key = value}; a line that begins with {@code #} is a comment.
 *
 * @param store where images go; empty if it is said elsewhere
 * @param imageSize what an image should take at most, in bytes; empty for no limit
 * @param codec what the saver compresses with; empty if it decides
 * @param then what becomes of the machine when the image is complete
 * @param timeout how long the saver may take, in whole seconds; empty for as long as it gets on
 * @param key the machine's key, if another place than the usual one is named
 */
public record Configuration(
    Optional<String> store,
    Optional<Long> imageSize,
    Optional<CodecChoice> codec,
    Then then,
    Optional<Duration> timeout,
    Optional<Path> key) {
  /** The word for a limit that there is not. */
  private static final String NO_LIMIT = "none";

  /** The word for a codec that the saver chooses. */
  private static final String SAVER_CHOOSES = "auto";

  private static final String KEYS = "store, image-size, codec, then, timeout, key";
  private static final int LONGEST_TIMEOUT = 9;
  private static final int SHOWN = 60;

  /** What holds without a file. */
  public static final Configuration DEFAULTS =
      new Configuration(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Then.POWEROFF,
          Optional.empty(),
          Optional.empty());

  /** Where the machine's key lies, whether or not there is one. */
  public Path keyFile() {
    return key.orElse(KeyFiles.MACHINE);
  }

  /**
   * Reads a configuration.
   *
   * @param text what is in the file
   * @param file its name, for errors
   * @throws ReportException if a line is none of {@code key = value}, there is no such key, the key
   *     has been set before, or it does not take this value; names file and line
   */
  public static Configuration parse(String text, Path file) throws ReportException {
    Map<String, Integer> seen = new LinkedHashMap<>();
    Configuration configuration = DEFAULTS;
    int number = 0;
    for (String line : text.split("\n", -1)) {
      number++;
      String stripped = line.strip();
      if (stripped.isEmpty() || stripped.startsWith("#")) {
        continue;
      }
      try {
        int equals = stripped.indexOf('=');
        if (equals < 0) {
          throw new IllegalArgumentException("'" + stripped + "' is not of the form key = value");
        }
        String key = stripped.substring(0, equals).strip();
        Integer before = seen.put(key, number);
        if (before != null) {
          throw new IllegalArgumentException(key + " is set already, in line " + before);
        }
        configuration = configuration.with(key, stripped.substring(equals + 1).strip());
      } catch (IllegalArgumentException | TypeConversionException e) {
        throw new ReportException(
            file + ", line " + number + ": " + plain(String.valueOf(e.getMessage())),
            "Nothing was changed; the machine goes on.",
            "Mend the line, or begin it with # for the default.");
      }
    }
    return configuration;
  }

  private Configuration with(String key, String value) {
    if (value.isEmpty()) {
      throw new IllegalArgumentException(key + " has no value");
    }
    return switch (key) {
      case "store" ->
          new Configuration(
              Optional.of(absolute(key, value)), imageSize, codec, then, timeout, this.key);
      case "image-size" ->
          new Configuration(store, imageSize(value), codec, then, timeout, this.key);
      case "codec" -> new Configuration(store, imageSize, codec(value), then, timeout, this.key);
      case "then" ->
          new Configuration(
              store, imageSize, codec, Then.of(value.toLowerCase(Locale.ROOT)), timeout, this.key);
      case "timeout" -> new Configuration(store, imageSize, codec, then, timeout(value), this.key);
      case "key" ->
          new Configuration(
              store, imageSize, codec, then, timeout, Optional.of(Path.of(absolute(key, value))));
      default ->
          throw new IllegalArgumentException("there is no key '" + key + "'; there are " + KEYS);
    };
  }

  private static String absolute(String key, String value) {
    if (!value.startsWith("/")) {
      throw new IllegalArgumentException(key + " takes a path that begins with /, not " + value);
    }
    return value;
  }

  private static Optional<Long> imageSize(String value) {
    return value.equals(NO_LIMIT) ? Optional.empty() : Optional.of(new ByteSize().convert(value));
  }

  private static Optional<CodecChoice> codec(String value) {
    return value.equals(SAVER_CHOOSES)
        ? Optional.empty()
        : Optional.of(new CodecOption().convert(value));
  }

  private static Optional<Duration> timeout(String value) {
    if (value.equals(NO_LIMIT)) {
      return Optional.empty();
    }
    boolean isNumber =
        value.length() <= LONGEST_TIMEOUT && value.chars().allMatch(c -> c >= '0' && c <= '9');
    if (!isNumber || Integer.parseInt(value) < 1) {
      throw new IllegalArgumentException(
          "timeout takes a number of seconds, 1 or more, or none, not " + value);
    }
    return Optional.of(Duration.ofSeconds(Integer.parseInt(value)));
  }

  /** A console obeys control characters, and a person reads no more than a line. */
  private static String plain(String message) {
    String line = message.replaceAll("\\p{Cc}", " ");
    return line.length() <= 2 * SHOWN
        ? line
        : line.substring(0, SHOWN) + " … " + line.substring(line.length() - SHOWN);
  }
}
