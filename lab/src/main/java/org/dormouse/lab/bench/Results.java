package org.dormouse.lab.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import org.dormouse.lab.demo.Stage;

/** What the measurements come to: medians, a table, bars. */
public final class Results {
  private static final long MIB = 1L << 20;

  private final List<Measurement> measurements;

  public Results(List<Measurement> measurements) {
    this.measurements = List.copyOf(measurements);
  }

  /** The middle one of the values, or the mean of the two in the middle. */
  static double median(double... values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** Seconds as people are told them. */
  static String seconds(double seconds) {
    return String.format(Locale.ROOT, "%.2f", seconds);
  }

  private List<Measurement> of(Quantity what) {
    return measurements.stream().filter(one -> one.what() == what).toList();
  }

  private OptionalDouble median(Quantity what, ToDoubleFunction<Measurement> value) {
    double[] values = of(what).stream().mapToDouble(value).toArray();
    return values.length == 0 ? OptionalDouble.empty() : OptionalDouble.of(median(values));
  }

  private OptionalDouble seconds(Quantity what) {
    return median(what, Measurement::seconds);
  }

  private OptionalDouble imageBytes(Quantity what) {
    double[] values =
        of(what).stream()
            .flatMapToLong(one -> one.imageBytes().stream())
            .asDoubleStream()
            .toArray();
    return values.length == 0 ? OptionalDouble.empty() : OptionalDouble.of(median(values));
  }

  /** The better one of the kernel's two compressors. */
  private static OptionalDouble better(OptionalDouble one, OptionalDouble other) {
    return one.isEmpty() || (other.isPresent() && other.getAsDouble() < one.getAsDouble())
        ? other
        : one;
  }

  /** A line for each quantity that was measured. */
  public List<String> table() {
    List<String> lines = new ArrayList<>();
    lines.add("%-24s %9s   %-20s  %s".formatted("", "median", "each", "written"));
    for (Quantity what : Quantity.values()) {
      if (!of(what).isEmpty()) {
        lines.add(row(what));
      }
    }
    return lines;
  }

  private String row(Quantity what) {
    String each = String.join(" ", of(what).stream().map(one -> seconds(one.seconds())).toList());
    String written =
        imageBytes(what).isPresent()
            ? "%d MiB".formatted((long) imageBytes(what).getAsDouble() / MIB) + swapped(what)
            : "";
    return "%-24s %7s s   %-20s  %s"
        .formatted(what.label(), seconds(seconds(what).getAsDouble()), each, written)
        .stripTrailing();
  }

  private String swapped(Quantity what) {
    double bytes = median(what, one -> one.swappedOutBytes()).orElse(0);
    return bytes > 0 ? ", %d of them swapped out".formatted((long) bytes / MIB) : "";
  }

  /** Every figure by its name; of what was not measured, nothing. */
  public Map<String, Object> figures() {
    Map<String, Object> figures = new LinkedHashMap<>();
    put(
        figures,
        "swsusp_sleep_s",
        better(seconds(Quantity.SWSUSP_LZO_SLEEP), seconds(Quantity.SWSUSP_LZ4_SLEEP)));
    put(
        figures,
        "swsusp_wake_s",
        better(seconds(Quantity.SWSUSP_LZO_WAKE), seconds(Quantity.SWSUSP_LZ4_WAKE)));
    for (Quantity what : Quantity.values()) {
      put(figures, name(what) + "_s", seconds(what));
    }
    putBytes(
        figures,
        "swsusp_image_bytes",
        better(imageBytes(Quantity.SWSUSP_LZO_SLEEP), imageBytes(Quantity.SWSUSP_LZ4_SLEEP)));
    for (Quantity what : Quantity.values()) {
      putBytes(figures, name(what).replace("_sleep", "_image_bytes"), imageBytes(what));
    }
    figures.put("measurements", measurements.stream().map(Results::figures).toList());
    return figures;
  }

  private static Map<String, Object> figures(Measurement one) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("what", name(one.what()));
    figures.put("seconds", one.seconds());
    one.imageBytes().ifPresent(bytes -> figures.put("image_bytes", bytes));
    if (one.swappedOutBytes() > 0) {
      figures.put("swapped_out_bytes", one.swappedOutBytes());
    }
    if (one.verifySeconds() > 0) {
      figures.put("verify_s", one.verifySeconds());
    }
    figures.put("host_load", one.hostLoad());
    Map<String, Object> stages = new LinkedHashMap<>();
    for (Stage stage : one.stages()) {
      stages.merge(stage.name(), stage.seconds(), (a, b) -> (double) a + (double) b);
    }
    figures.put("stages", stages);
    return figures;
  }

  private static String name(Quantity what) {
    return what.name().toLowerCase(Locale.ROOT);
  }

  private static void put(Map<String, Object> figures, String name, OptionalDouble value) {
    value.ifPresent(number -> figures.put(name, number));
  }

  private static void putBytes(Map<String, Object> figures, String name, OptionalDouble value) {
    value.ifPresent(number -> figures.put(name, (long) number));
  }

  /** A bar for each quantity: the stages of that measurement which is nearest to the median. */
  public List<BarChart.Bar> bars() {
    List<BarChart.Bar> bars = new ArrayList<>();
    for (Quantity what : Quantity.values()) {
      seconds(what)
          .ifPresent(
              middle ->
                  of(what).stream()
                      .min(Comparator.comparingDouble(one -> Math.abs(one.seconds() - middle)))
                      .ifPresent(one -> bars.add(bar(one))));
    }
    return bars;
  }

  private static BarChart.Bar bar(Measurement one) {
    return new BarChart.Bar(
        one.what().label(),
        one.stages().stream()
            .map(stage -> new BarChart.Part(stage.name(), stage.seconds()))
            .toList());
  }
}
