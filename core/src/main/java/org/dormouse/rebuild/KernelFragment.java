package org.dormouse.rebuild;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The answers that somebody gives to the kernel's configuration; what is not named is off.
 *
 * @param text in the syntax of the kernel's {@code .config}
 */
public record KernelFragment(String text) {
  private static final String OFF = "=n";

  /** That of Dormouse's own saver kernel. */
  public static KernelFragment saver() {
    return named(KernelFragment.class, "saver.config");
  }

  /** The one in the resource of that name, beside a class. */
  public static KernelFragment named(Class<?> beside, String resource) {
    try (InputStream in = beside.getResourceAsStream(resource)) {
      return new KernelFragment(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** These answers and others. What both answer, the others do. */
  public KernelFragment with(KernelFragment others) {
    Set<String> answered =
        others.answers().stream().map(KernelFragment::name).collect(Collectors.toSet());
    return new KernelFragment(
        text.lines()
            .map(String::strip)
            .filter(line -> !line.startsWith("CONFIG_") || !answered.contains(name(line)))
            .collect(Collectors.joining("\n", "", "\n" + others.text)));
  }

  /** The lines that say something, each {@code CONFIG_NAME=value}. */
  public List<String> answers() {
    return text.lines().map(String::strip).filter(line -> line.startsWith("CONFIG_")).toList();
  }

  /**
   * Those of our answers that the kernel's own configuration did not take, for instance because an
   * option that they depend on is off. An option that is off is one that is not in {@code config}.
   */
  public List<String> unheeded(String config) {
    Set<String> lines = config.lines().collect(Collectors.toSet());
    Set<String> names =
        lines.stream()
            .filter(line -> line.startsWith("CONFIG_"))
            .map(KernelFragment::name)
            .collect(Collectors.toSet());
    return answers().stream()
        .filter(
            answer -> answer.endsWith(OFF) ? names.contains(name(answer)) : !lines.contains(answer))
        .toList();
  }

  /** The option that an answer is to, with {@code CONFIG_}. */
  static String name(String line) {
    return line.substring(0, line.indexOf('='));
  }
}
