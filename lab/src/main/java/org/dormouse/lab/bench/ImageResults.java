package org.dormouse.lab.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** What the measurements of an {@link ImageBench} come to: medians, a table, the goals. */
public final class ImageResults {
  private static final double MIB = 1 << 20;

  private final long vmcoreBytes;
  private final Map<String, List<ImageMeasurement>> byLabel = new LinkedHashMap<>();

  public ImageResults(long vmcoreBytes, List<ImageMeasurement> measurements) {
    this.vmcoreBytes = vmcoreBytes;
    for (ImageMeasurement one : measurements) {
      byLabel.computeIfAbsent(one.label(), _ -> new ArrayList<>()).add(one);
    }
  }

  /** A line for each contender, in the order of their turns. */
  public List<String> table() {
    List<String> lines = new ArrayList<>();
    lines.add(
        "%-44s %9s %9s %9s %9s  %s".formatted("", "median s", "on disk", "MiB/s", "MiB", "each"));
    byLabel.forEach(
        (label, runs) ->
            lines.add(
                "%-44s %9.2f %9s %9.0f %9s  %s"
                    .formatted(
                        label,
                        seconds(label).orElseThrow(),
                        bytes(label).isPresent() ? two(toDisk(label)) : "",
                        vmcoreBytes / MIB / seconds(label).orElseThrow(),
                        bytes(label).isPresent()
                            ? Long.toString(Math.round(bytes(label).getAsLong() / MIB))
                            : "",
                        String.join(" ", runs.stream().map(run -> two(run.seconds())).toList()))));
    return lines;
  }

  /** How many times as fast {@code fast} is as {@code slow}, if both took part. */
  OptionalDouble ratio(String fast, String slow) {
    OptionalDouble one = seconds(fast);
    OptionalDouble other = seconds(slow);
    return one.isPresent() && other.isPresent()
        ? OptionalDouble.of(other.getAsDouble() / one.getAsDouble())
        : OptionalDouble.empty();
  }

  /** What is to be shown by these figures, and whether it is. */
  public List<String> goals(int threads) {
    String many = ", " + threads + " threads";
    List<String> lines = new ArrayList<>();
    goal(lines, 3, "Dormouse lz4" + many, "makedumpfile -l -d 1", true);
    goal(lines, 3, "Dormouse zstd" + many, "makedumpfile -l -d 1", true);
    goal(lines, 10, "Dormouse zstd" + many, "makedumpfile -c -d 1", true);
    for (String codec : List.of("lz4", "zstd")) {
      String name = "Dormouse " + codec;
      goal(lines, 1.8, name + many + ", null store", name + ", 1 thread, null store", false);
      goal(lines, 1, name + many + ", verify", name + many, false);
      // A quarter more time for the seal is as fast as 0.8.
      goal(lines, 0.8, name + many + ", sealed", name + many, false);
    }
    goal(lines, 1, "Dormouse zstd" + many, "zstd -1 -T" + threads, false);
    return lines;
  }

  private void goal(List<String> lines, double wanted, String fast, String slow, boolean smaller) {
    ratio(fast, slow)
        .ifPresent(
            ratio -> {
              String size =
                  smaller
                      ? ", %.0f %% of its size"
                          .formatted(
                              100.0 * bytes(fast).orElse(0) / Math.max(1, bytes(slow).orElse(1)))
                      : "";
              lines.add(
                  "%-36s %5.2f times as fast as %s (goal: %s)%s"
                      .formatted(fast, ratio, slow, two(wanted), size));
            });
  }

  /** Medians by label, for machines. */
  public Map<String, Object> figures() {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("vmcore_bytes", vmcoreBytes);
    byLabel.forEach(
        (label, runs) -> {
          Map<String, Object> one = new LinkedHashMap<>();
          one.put("seconds", seconds(label).orElseThrow());
          one.put("each", runs.stream().map(ImageMeasurement::seconds).toList());
          bytes(label)
              .ifPresent(
                  bytes -> {
                    one.put("seconds_to_disk", toDisk(label));
                    one.put("bytes", bytes);
                  });
          figures.put(label, one);
        });
    return figures;
  }

  private OptionalDouble seconds(String label) {
    List<ImageMeasurement> runs = byLabel.getOrDefault(label, List.of());
    return runs.isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of(
            Results.median(runs.stream().mapToDouble(ImageMeasurement::seconds).toArray()));
  }

  private double toDisk(String label) {
    return Results.median(
        byLabel.get(label).stream().mapToDouble(ImageMeasurement::secondsToDisk).toArray());
  }

  private OptionalLong bytes(String label) {
    return byLabel.getOrDefault(label, List.of()).stream()
        .flatMapToLong(run -> run.bytes().stream())
        .max();
  }

  private static String two(double figure) {
    return String.format(Locale.ROOT, "%.2f", figure);
  }
}
