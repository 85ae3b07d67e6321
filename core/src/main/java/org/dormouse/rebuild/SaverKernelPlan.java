package org.dormouse.rebuild;

import java.util.ArrayList;
import java.util.List;
import org.dormouse.rebuild.RebuildFacts.Begun;
import org.dormouse.text.Quantity;
import org.dormouse.text.ReportException;

/**
 * How Dormouse's own saver kernel is built, and what it takes: a pure function of what was seen.
 *
 * @param source what it is built from
 * @param answers what it is configured with; what is not named is off
 * @param begun what an earlier run has left
 */
public record SaverKernelPlan(KernelSource source, KernelFragment answers, Begun begun) {
  /** Files that are compiled, about: 6.12, measured. */
  public static final long FILES = 1500;

  /** Appended to the kernel's release, so that nobody takes it for the one that works. */
  static final String SUFFIX = "-dormouse-saver";

  private static final String STATE = "Nothing has been changed.";

  /** What was measured of 6.12: 1640 MiB unpacked, 250 MiB compiled; and some room. */
  private static final long BYTES = 2048L << 20;

  /** What is written if all is compiled. */
  private static final long LAST_BYTES = 64L << 20;

  /**
   * Decides.
   *
   * @throws ReportException if it cannot be done here; says what is missing
   */
  public static SaverKernelPlan of(SaverKernelRequest request, SaverKernelFacts facts)
      throws ReportException {
    if (facts.source().isEmpty()) {
      throw new ReportException(
          request
              .source()
              .map(name -> name + " is not installed")
              .orElse("no kernel's source is installed"),
          STATE,
          "Install it: " + KernelSource.apt(request.source().orElse(KernelSource.nameOf("6.1"))));
    }
    if (!facts.missing().isEmpty()) {
      throw RebuildPlan.missing(facts.missing());
    }
    KernelFragment answers =
        KernelFragment.saver().with(new KernelFragment("CONFIG_LOCALVERSION=\"" + SUFFIX + "\"\n"));
    SaverKernelPlan plan = new SaverKernelPlan(facts.source().get(), answers, facts.begun());
    if (facts.free() < plan.bytes()) {
      throw new ReportException(
          "building takes about %s in %s, where %s are free"
              .formatted(
                  Quantity.bytes(plan.bytes()), request.folder(), Quantity.bytes(facts.free())),
          STATE,
          "Free some space, or name another folder with --folder.");
    }
    return plan;
  }

  private long bytes() {
    return begun == Begun.COMPILED ? LAST_BYTES : BYTES;
  }

  /** The plan for people. */
  public List<String> lines(SaverKernelRequest request) {
    List<String> lines = new ArrayList<>();
    lines.add("Dormouse's own saver kernel, from %s %s".formatted(source.name(), source.version()));
    lines.add(
        "about %d files are compiled, with %d at once and low priority: %s"
            .formatted(FILES, request.jobs(), RebuildPlan.time(FILES, request.jobs())));
    lines.add("disk space: %s in %s".formatted(Quantity.bytes(bytes()), request.folder()));
    lines.add("it is written to " + request.output() + "; nothing uses it before it is told to");
    if (begun == Begun.COMPILED) {
      lines.add("goes on where it was interrupted; what is compiled is not compiled again");
    }
    return lines;
  }
}
