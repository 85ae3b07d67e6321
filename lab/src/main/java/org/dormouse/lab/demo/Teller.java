package org.dormouse.lab.demo;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Tells the story of a demonstration as it goes, with the time since its beginning. */
public final class Teller {
  /** What people call the stages; a stage without an entry goes by its own name. */
  private static final Map<String, String> NAMES =
      Map.ofEntries(
          Map.entry("command", "the command starts"),
          Map.entry("check", "checks"),
          Map.entry("plan", "plan"),
          Map.entry("load", "load the saver"),
          Map.entry("claim", "claim the store"),
          Map.entry("jump", "jump"),
          Map.entry("firmware", "firmware"),
          Map.entry("boot", "a kernel boots"),
          Map.entry("saver", "the saver starts"),
          Map.entry("save", "read, compress, write"),
          Map.entry("commit", "commit"),
          Map.entry("poweroff", "power-off"),
          Map.entry("resume", "look for an image"),
          Map.entry("kexec", "load and start the saver"),
          Map.entry("index", "read the index"),
          Map.entry("restore", "read, decompress, restore"),
          Map.entry("verify", "verify"),
          Map.entry("wake", "jump back, devices wake"));

  private final PrintWriter out;
  private final long startNanos = System.nanoTime();

  /**
   * @param out where the story is told
   */
  public Teller(PrintWriter out) {
    this.out = out;
  }

  /** A sentence, with the time. */
  @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a dependency
  public void say(String sentence, Object... arguments) {
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    out.printf(Locale.ROOT, "%6.1f s  %s%n", seconds, sentence.formatted(arguments));
    out.flush();
  }

  /** Stages and figures, a line each. */
  public void stages(StageLog log) {
    Map<String, String> facts = new LinkedHashMap<>(log.facts());
    log.seconds().forEach((name, seconds) -> stage(name, seconds, facts));
  }

  private void stage(String name, double seconds, Map<String, String> facts) {
    String label = NAMES.getOrDefault(name, name);
    String parts = parts(name, facts);
    out.printf(Locale.ROOT, "          %6.2f s  %s%s%n", seconds, label, parts);
    out.flush();
  }

  /** Reading, compressing and writing go on at the same time; their own clocks tell how long. */
  private static String parts(String stage, Map<String, String> facts) {
    List<String> names =
        switch (stage) {
          case "save" -> List.of("read_s", "compress_s", "write_s");
          case "restore" -> List.of("read_s", "decompress_s", "place_s");
          default -> List.of();
        };
    StringBuilder parts = new StringBuilder();
    for (String name : names) {
      if (facts.containsKey(name)) {
        parts
            .append(parts.isEmpty() ? " (" : ", ")
            .append(name.replace("_s", ""))
            .append(' ')
            .append(facts.get(name))
            .append(" s");
      }
    }
    return parts.isEmpty() ? "" : parts.append(")").toString();
  }

  /** What a machine said to a command, indented. */
  public void quote(String text) {
    text.lines().forEach(line -> out.println("             " + line));
    out.flush();
  }

  /** What was looked at and found right or wrong. */
  public void findings(List<Finding> findings) {
    for (Finding finding : findings) {
      out.println(
          switch (finding) {
            case Finding.Same(String what) -> "             ok    " + what;
            case Finding.Wrong(String what) -> "             WRONG " + what;
          });
    }
    out.flush();
  }

  /** The last line. */
  public void end(DemoResult result) {
    out.println(
        switch (result) {
          case DemoResult.Pass _ -> "PASS";
          case DemoResult.Fail(String why) -> "FAIL: " + why;
        });
    out.flush();
  }
}
