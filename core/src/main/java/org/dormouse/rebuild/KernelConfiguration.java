package org.dormouse.rebuild;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a kernel is, or shall be, built with: the contents of a {@code .config}.
 *
 * @param version of the kernel whose configuration it is, as its head says: {@code 6.12.117}; empty
 *     if it does not say
 * @param answers an option's name, without {@code CONFIG_}, and what stands for it: {@code y},
 *     {@code m}, {@link #OFF}, a number, a string with its quotes. In the order of the file. Of two
 *     answers the last one counts, as in the kernel's own tools
 */
public record KernelConfiguration(Optional<String> version, SequencedMap<String, String> answers) {
  /**
   * An option that is off; also one that is not mentioned, for instance because it cannot be on.
   */
  public static final String OFF = "n";

  /** Built in. */
  public static final String ON = "y";

  /** A module. */
  public static final String MODULE = "m";

  private static final Pattern HEAD =
      Pattern.compile("# Linux/\\S+ (\\d+\\.\\d+\\S*) Kernel Configuration");
  private static final Pattern ANSWER = Pattern.compile("CONFIG_(\\w+)=(.*)");
  private static final Pattern NOT_SET = Pattern.compile("# CONFIG_(\\w+) is not set");

  /** Copies the answers. */
  public KernelConfiguration {
    answers = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(answers));
  }

  /** Reads the lines of a {@code .config}; what is neither answer nor head is a comment. */
  public static KernelConfiguration parse(String text) {
    Optional<String> version = Optional.empty();
    SequencedMap<String, String> answers = new LinkedHashMap<>();
    for (String line : text.lines().map(String::strip).toList()) {
      Matcher answer = ANSWER.matcher(line);
      Matcher notSet = NOT_SET.matcher(line);
      Matcher head = HEAD.matcher(line);
      if (answer.matches()) {
        answers.put(answer.group(1), answer.group(2));
      } else if (notSet.matches()) {
        answers.put(notSet.group(1), OFF);
      } else if (head.matches() && version.isEmpty()) {
        version = Optional.of(head.group(1));
      }
    }
    return new KernelConfiguration(version, answers);
  }

  /** As {@link #parse} reads it. */
  public String text() {
    String head = version.map(v -> "#\n# Linux/x86 " + v + " Kernel Configuration\n#\n").orElse("");
    return answers.entrySet().stream()
        .map(each -> line(each.getKey(), each.getValue()))
        .collect(Collectors.joining("\n", head, "\n"));
  }

  /** An answer as it is written. */
  static String line(String name, String value) {
    return value.equals(OFF) ? "# CONFIG_" + name + " is not set" : "CONFIG_" + name + "=" + value;
  }

  /** The first two numbers of the version: {@code 6.12}. */
  public Optional<String> series() {
    return version.map(KernelConfiguration::series);
  }

  /** The first two numbers of a version. */
  static String series(String version) {
    Matcher numbers = Pattern.compile("(\\d+\\.\\d+).*").matcher(version);
    if (!numbers.matches()) {
      throw new IllegalArgumentException("not a kernel's version: " + version);
    }
    return numbers.group(1);
  }

  /** What stands for an option; {@link #OFF} if nothing does. */
  public String value(String name) {
    return answers.getOrDefault(name, OFF);
  }

  /** Whether an option is built in or a module. */
  public boolean has(String name) {
    return value(name).equals(ON) || value(name).equals(MODULE);
  }

  /** Whether an option is mentioned, if only to say that it is off. */
  public boolean mentions(String name) {
    return answers.containsKey(name);
  }

  /** The same with other answers; what is new comes last. */
  public KernelConfiguration with(Map<String, String> others) {
    return changed(
        all -> {
          all.putAll(others);
          return all;
        });
  }

  /** The same without answers to these questions: the kernel's defaults take their place. */
  public KernelConfiguration without(Set<String> names) {
    return changed(
        all -> {
          all.keySet().removeAll(names);
          return all;
        });
  }

  private KernelConfiguration changed(UnaryOperator<SequencedMap<String, String>> change) {
    return new KernelConfiguration(version, change.apply(new LinkedHashMap<>(answers)));
  }

  /** How many options are built in or modules. */
  public long options() {
    return answers.values().stream().filter(v -> v.equals(ON) || v.equals(MODULE)).count();
  }
}
