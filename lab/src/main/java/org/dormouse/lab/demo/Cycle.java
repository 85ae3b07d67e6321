package org.dormouse.lab.demo;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * One sleep, from the command to the guest's being awake and looked over.
 *
 * @param asleep the falling asleep
 * @param how it was woken
 * @param awake the waking
 * @param findings whether the guest is what it was
 */
record Cycle(Transition asleep, Wake how, Transition awake, List<Finding> findings) {
  private static final List<String> NUMBERS =
      List.of("image_bytes", "pages_saved", "pages_zero", "pages_free", "region_bytes");

  Cycle {
    findings = List.copyOf(findings);
  }

  StageLog asleepStages() {
    return asleep.stages(Transition.COMMAND);
  }

  StageLog awakeStages() {
    return awake.stages(Transition.FIRMWARE);
  }

  /** Whether the saver still ran when the sleep began, and was only entered again. */
  boolean warm() {
    return asleepStages().says("warm");
  }

  /** A figure that one of Dormouse's programs gave. */
  Optional<Long> number(String name) {
    Optional<Long> asleepNumber = asleepStages().number(name);
    return asleepNumber.isPresent() ? asleepNumber : awakeStages().number(name);
  }

  /** All figures, by the names that {@code --json} gives them. */
  Map<String, Object> figures() {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("warm", warm());
    figures.put("wake", how.name().toLowerCase(Locale.ROOT));
    for (String name : NUMBERS) {
      number(name).ifPresent(value -> figures.put(name, value));
    }
    figures.put("trigger_to_poweroff_s", asleep.seconds());
    figures.put("poweron_to_awake_s", awake.seconds());
    figures.put("stages", stageSeconds());
    figures.put("facts_asleep", numbers(asleepStages().facts()));
    figures.put("facts_awake", numbers(awakeStages().facts()));
    return figures;
  }

  /** The stages, and what went on in several threads within them: work that overlaps. */
  private Map<String, Double> stageSeconds() {
    Map<String, Double> seconds = new LinkedHashMap<>();
    addSeconds(seconds, "sleep_", asleepStages());
    addSeconds(seconds, "wake_", awakeStages());
    return seconds;
  }

  private static void addSeconds(Map<String, Double> seconds, String prefix, StageLog log) {
    log.seconds().forEach((name, value) -> seconds.put(prefix + name, value));
    log.facts()
        .forEach(
            (name, value) -> {
              if (name.endsWith("_s") && value.matches("\\d+(\\.\\d+)?")) {
                String stage = prefix + name.substring(0, name.length() - 2);
                seconds.putIfAbsent(stage, Double.valueOf(value));
              }
            });
  }

  private static Map<String, Object> numbers(Map<String, String> facts) {
    Map<String, Object> numbers = new LinkedHashMap<>();
    facts.forEach(
        (name, value) ->
            numbers.put(
                name,
                value.matches("-?\\d{1,18}")
                    ? (Object) Long.valueOf(value)
                    : value.matches("-?\\d+\\.\\d+") ? (Object) Double.valueOf(value) : value));
    return numbers;
  }
}
