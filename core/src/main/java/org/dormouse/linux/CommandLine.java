package org.dormouse.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The words of a kernel command line, in order.
 *
 * @param words what stands between the blanks
 */
public record CommandLine(List<String> words) {
  private static final Path SOURCE = Path.of("/proc/cmdline");

  /** Copies the words. */
  public CommandLine {
    words = List.copyOf(words);
  }

  /** The running kernel's own: {@code /proc/cmdline}. */
  public static CommandLine running() throws IOException {
    return parse(Files.readString(SOURCE));
  }

  /** Splits {@code text} at blanks. */
  public static CommandLine parse(String text) {
    return new CommandLine(
        Arrays.stream(text.split("\\s+")).filter(word -> !word.isEmpty()).toList());
  }

  /** Whether {@code word} stands there by itself. */
  public boolean has(String word) {
    return words.contains(word);
  }

  /** The value of the last {@code name=value}. */
  public Optional<String> value(String name) {
    return values(name).reversed().stream().findFirst();
  }

  /** The values of all {@code name=value}, in order. */
  public List<String> values(String name) {
    String prefix = name + "=";
    return words.stream()
        .filter(word -> word.startsWith(prefix))
        .map(word -> word.substring(prefix.length()))
        .toList();
  }

  /**
   * The value of the last {@code name=0x…} as an address.
   *
   * @return empty if the word is not there
   * @throws IOException if it is there and is no hexadecimal number
   */
  public OptionalLong address(String name) throws IOException {
    Optional<String> text = value(name);
    if (text.isEmpty()) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Long.parseUnsignedLong(text.get().replaceFirst("^0[xX]", ""), 16));
    } catch (NumberFormatException e) {
      throw new IOException(
          "kernel command line: " + name + "=" + text.get() + " is no address", e);
    }
  }
}
