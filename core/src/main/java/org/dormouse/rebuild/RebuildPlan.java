package org.dormouse.rebuild;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.dormouse.rebuild.RebuildFacts.Begun;
import org.dormouse.rebuild.RebuildFacts.Original;
import org.dormouse.text.Quantity;
import org.dormouse.text.ReportException;

/**
 * What is to be built, and what it takes: a pure function of what was seen.
 *
 * @param original the distribution's configuration
 * @param wanted what the kernel's tools are asked for; modules may still be taken out of it
 * @param source what is built
 * @param modules which modules
 * @param files how many files will be compiled, about
 * @param bytes the disk space that it takes, about, with what is there already
 * @param begun what an earlier run has left
 */
public record RebuildPlan(
    Original original,
    KernelConfiguration wanted,
    KernelSource source,
    ModuleChoice modules,
    long files,
    long bytes,
    Begun begun) {
  private static final String STATE = "Nothing has been changed.";

  /** What was measured: 6.12 unpacked is 1640 MiB. */
  private static final long SOURCE_BYTES = 1700L << 20;

  /**
   * What was measured of a compiled file without debug information, with all that belongs to it.
   */
  private static final long FILE_BYTES = 400 << 10;

  /** For what is linked, and the package. */
  private static final long OTHER_BYTES = 500L << 20;

  /** Compiled files for an option that is built in: 2970 for Debian's 2650 were measured. */
  private static final double FILES_OF_AN_OPTION = 1.12;

  /** Likewise for one that is a module: an estimate. */
  private static final double FILES_OF_A_MODULE = 4.5;

  /** For a module that is named, with those that it stands on, large ones mostly: an estimate. */
  private static final double FILES_OF_A_NAMED_MODULE = 10;

  /** Seconds that one processor takes for a file: a fast one, an estimate. */
  private static final double FAST = 0.25;

  /** A slow one: those 2970 files took two processors 29 minutes. */
  private static final double SLOW = 1.2;

  /**
   * Why there is nothing to build; empty if there is.
   *
   * @param facts what was seen
   */
  public static Optional<String> needless(RebuildFacts facts) {
    return facts
        .original()
        .filter(it -> it.configuration().has(JumpConfiguration.JUMP))
        .map(it -> it.whence() + " has CONFIG_KEXEC_JUMP: nothing has to be built");
  }

  /**
   * Decides.
   *
   * @param request what is wanted
   * @param facts what was seen
   * @throws ReportException if it cannot be done here; says what is missing
   */
  public static RebuildPlan of(RebuildRequest request, RebuildFacts facts) throws ReportException {
    Original original = facts.original().orElseThrow(() -> noConfiguration(facts.release()));
    String series =
        original.configuration().series().orElseThrow(() -> noVersion(original.whence()));
    KernelSource source = facts.source().orElseThrow(() -> noSource(original, series));
    check(facts, original, source, series);
    KernelConfiguration wanted =
        JumpConfiguration.of(original.configuration(), original.keyFiles());
    long files = files(wanted, request.modules());
    RebuildPlan plan =
        new RebuildPlan(
            original,
            wanted,
            source,
            request.modules(),
            files,
            SOURCE_BYTES + files * FILE_BYTES + OTHER_BYTES,
            facts.begun());
    plan.checkSpace(facts.free(), request.folder());
    return plan;
  }

  private static void check(
      RebuildFacts facts, Original original, KernelSource source, String series)
      throws ReportException {
    if (!KernelConfiguration.series(source.version()).equals(series)) {
      throw new ReportException(
          "%s is of Linux %s, and the source is %s"
              .formatted(original.whence(), series, source.version()),
          STATE,
          "Install the source of the same series: "
              + KernelSource.apt(KernelSource.nameOf(series)));
    }
    for (String option : List.of("KEXEC", "HIBERNATION")) {
      if (!original.configuration().has(option)) {
        throw new ReportException(
            original.whence() + " has no CONFIG_" + option + ", which CONFIG_KEXEC_JUMP stands on",
            STATE,
            "Name another configuration with --config.");
      }
    }
    if (!facts.missing().isEmpty()) {
      throw missing(facts.missing());
    }
  }

  /** What to say of packages that a kernel's build needs and that are not there. */
  static ReportException missing(List<String> packages) {
    return new ReportException(
        "programs that a kernel's build needs are missing",
        STATE,
        "Install them: " + KernelSource.apt(packages.toArray(String[]::new)));
  }

  private void checkSpace(long free, Path folder) throws ReportException {
    if (free < lacking()) {
      throw new ReportException(
          "building takes about %s in %s, where %s are free"
              .formatted(Quantity.bytes(lacking()), folder, Quantity.bytes(free)),
          STATE,
          "Free some space, name another folder with --folder, or build fewer modules: --modules"
              + " running.");
    }
  }

  private static ReportException noConfiguration(String release) {
    return new ReportException(
        "the running kernel, "
            + release
            + ", is not one of Debian's, and no configuration of"
            + " Debian's is installed",
        STATE,
        "Install one with its source, for instance "
            + KernelSource.apt("linux-config-6.12", "linux-source-6.12")
            + "; or name a file with --config.");
  }

  private static ReportException noVersion(String whence) {
    return new ReportException(
        whence + " does not say which kernel's configuration it is",
        STATE,
        "Name one whose third line is '# Linux/x86 VERSION Kernel Configuration', as all have that"
            + " the kernel's tools wrote.");
  }

  private static ReportException noSource(Original original, String series) {
    return new ReportException(
        "%s is of Linux %s, whose source is not installed".formatted(original.whence(), series),
        STATE,
        "Install it: " + KernelSource.apt(KernelSource.nameOf(series)));
  }

  /**
   * How many files will be compiled, about.
   *
   * @param wanted the whole configuration
   * @param modules which modules of it
   */
  static long files(KernelConfiguration wanted, ModuleChoice modules) {
    long loadable =
        wanted.answers().values().stream().filter(KernelConfiguration.MODULE::equals).count();
    long builtIn = wanted.options() - loadable;
    double files =
        switch (modules) {
          case ModuleChoice.All _ -> builtIn * FILES_OF_AN_OPTION + loadable * FILES_OF_A_MODULE;
          case ModuleChoice.Named named ->
              builtIn * FILES_OF_AN_OPTION
                  + Math.min(loadable, named.names().size()) * FILES_OF_A_NAMED_MODULE;
        };
    return Math.round(files);
  }

  /** What {@code uname -r} will print. */
  public String release() {
    return source.upstream() + JumpConfiguration.localVersion(wanted);
  }

  /** The disk space that it still takes, in bytes. */
  public long lacking() {
    return switch (begun) {
      case NOTHING -> bytes;
      case UNPACKED -> bytes - SOURCE_BYTES;
      // How much of it is not known, and not worth looking at every file.
      case COMPILED -> OTHER_BYTES;
    };
  }

  /** The plan for people. */
  public List<String> lines(RebuildRequest request) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "%s with CONFIG_KEXEC_JUMP, from %s %s"
            .formatted(original.whence(), source.name(), source.version()));
    original
        .configuration()
        .version()
        .filter(version -> !version.equals(source.upstream()))
        .ifPresent(
            version ->
                lines.add(
                    "the configuration is of %s, the source %s: that is what you get"
                        .formatted(version, source.upstream())));
    lines.add("modules: " + modules);
    lines.add("it will be called " + release() + ", and stands beside the stock kernel");
    lines.add(
        "about %d files are compiled, with %d at once and low priority: %s"
            .formatted(files, request.jobs(), time(files, request.jobs())));
    lines.add("disk space: %s in %s".formatted(Quantity.bytes(lacking()), request.folder()));
    lines.add(
        switch (begun) {
          case NOTHING -> "if it is interrupted, the same command goes on";
          case UNPACKED -> "the source has been unpacked before";
          case COMPILED ->
              "goes on where it was interrupted; what is compiled is not compiled again";
        });
    return lines;
  }

  /** How long so many files take, for people. */
  static String time(long files, int jobs) {
    return span(FAST * files / jobs)
        + " on a fast machine, "
        + span(SLOW * files / jobs)
        + " on a slow one";
  }

  private static String span(double seconds) {
    Duration time = Duration.ofSeconds(Math.round(seconds));
    return time.toMinutes() < 90
        ? Math.max(2, time.toMinutes()) + " minutes"
        : Math.round(time.toMinutes() / 60.0) + " hours";
  }
}
