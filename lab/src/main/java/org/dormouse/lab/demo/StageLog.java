package org.dormouse.lab.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.dormouse.lab.qemu.SerialLine;

/**
 * What a console's lines say about stages and figures.
 *
 * <p>Dormouse's programs print {@code dormouse: stage NAME} when a stage begins and {@code
 * dormouse: fact NAME VALUE} for a figure, in whichever kernel they run. A kernel's own first line
 * begins a stage of its own, {@link #BOOT}; if it boots quietly, the beginning is found from the
 * first of its later lines that has a time. Names that nobody here knows are kept.
 *
 * @param stages in the order of their beginnings; the end of one is the beginning of the next
 * @param facts by name; the last value counts
 */
public record StageLog(List<Stage> stages, Map<String, String> facts) {
  /** A kernel boots: from its first line to the first stage that Dormouse prints. */
  public static final String BOOT = "boot";

  private static final Pattern STAGE = Pattern.compile("dormouse: stage (\\S+)");
  private static final Pattern FACT = Pattern.compile("dormouse: fact (\\S+) (.*\\S)");

  /** The kernel's banner, {@code init/version-timestamp.c}. */
  private static final Pattern BANNER = Pattern.compile("\\bLinux version \\d");

  public StageLog {
    stages = List.copyOf(stages);
    facts = Map.copyOf(facts);
  }

  /**
   * Reads lines.
   *
   * @param lines in the order of their times
   * @param begin when the first stage begins
   * @param first the name of the first stage, before any line
   * @param end when the last stage ends; a stage that begins then or later is left out
   */
  public static StageLog of(List<SerialLine> lines, Duration begin, String first, Duration end) {
    Map<String, String> facts = new LinkedHashMap<>();
    List<Beginning> beginnings = new ArrayList<>();
    KernelClock clock = new KernelClock();
    for (SerialLine line : lines) {
      Matcher fact = FACT.matcher(line.text());
      if (fact.find()) {
        facts.put(fact.group(1), fact.group(2));
      }
      stageIn(line.text()).ifPresent(name -> beginnings.add(new Beginning(line.at(), name)));
      clock.newKernelSince(line).ifPresent(at -> beginnings.add(new Beginning(at, BOOT)));
    }
    beginnings.removeIf(b -> b.at().compareTo(begin) < 0 || b.at().compareTo(end) >= 0);
    beginnings.addFirst(new Beginning(begin, first));
    beginnings.sort(Comparator.comparing(Beginning::at));
    return new StageLog(between(beginnings, end), facts);
  }

  private record Beginning(Duration at, String name) {}

  private static List<Stage> between(List<Beginning> beginnings, Duration end) {
    List<Stage> stages = new ArrayList<>();
    for (int i = 0; i < beginnings.size(); i++) {
      Duration next = i + 1 < beginnings.size() ? beginnings.get(i + 1).at() : end;
      Beginning beginning = beginnings.get(i);
      stages.add(new Stage(beginning.name(), next.minus(beginning.at())));
    }
    return stages;
  }

  private static Optional<String> stageIn(String text) {
    Matcher stage = STAGE.matcher(text);
    if (stage.find()) {
      return Optional.of(stage.group(1));
    }
    return BANNER.matcher(text).find() ? Optional.of(BOOT) : Optional.empty();
  }

  /** A figure that is a whole number. */
  public Optional<Long> number(String name) {
    return Optional.ofNullable(facts.get(name)).filter(v -> v.matches("-?\\d+")).map(Long::valueOf);
  }

  /** Whether a figure that is yes or no is yes. */
  public boolean says(String name) {
    return "yes".equals(facts.get(name));
  }

  /** Seconds by stage, in order; stages of the same name are added up. */
  public Map<String, Double> seconds() {
    Map<String, Double> seconds = new LinkedHashMap<>();
    stages.forEach(stage -> seconds.merge(stage.name(), stage.seconds(), Double::sum));
    return seconds;
  }
}
