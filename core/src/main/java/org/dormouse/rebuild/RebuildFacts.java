package org.dormouse.rebuild;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.dormouse.linux.KernelConfig;
import org.dormouse.linux.KernelIdentity;
import org.dormouse.text.ReportException;

/**
 * What was seen of a machine that shall build a kernel.
 *
 * @param release of the running kernel
 * @param original the distribution's configuration; empty if none is known
 * @param source of that configuration's series; empty if it is not installed
 * @param missing Debian packages that the build needs and that are not there
 * @param free bytes of disk space where it would be built
 * @param processors how many there are
 * @param begun what an earlier run has left there
 */
public record RebuildFacts(
    String release,
    Optional<Original> original,
    Optional<KernelSource> source,
    List<String> missing,
    long free,
    int processors,
    Begun begun) {
  /**
   * A distribution's configuration.
   *
   * @param whence for people, where it was read
   * @param configuration what it says
   * @param keyFiles the files with keys that it names and that are there
   */
  public record Original(String whence, KernelConfiguration configuration, Set<String> keyFiles) {
    /** Copies the names. */
    public Original {
      keyFiles = Set.copyOf(keyFiles);
    }

    static Original of(String whence, String text) {
      KernelConfiguration configuration = KernelConfiguration.parse(text);
      Set<String> there =
          JumpConfiguration.keyFiles(configuration).stream()
              .filter(file -> file.startsWith("/") && Files.isReadable(Path.of(file)))
              .collect(Collectors.toSet());
      return new Original(whence, configuration, there);
    }
  }

  /** How far an earlier run came. */
  public enum Begun {
    /** There was none, or of another source. */
    NOTHING,
    /** The source is unpacked. */
    UNPACKED,
    /** Files have been compiled. */
    COMPILED
  }

  private static final Path BOOT = Path.of("/boot");
  private static final String CONFIG = "config-";
  private static final Path CONFIGURATIONS = Path.of("/usr/src");

  /** Of several flavours of Debian's kernel the ordinary one. */
  private static final String ORDINARY = "config.amd64_none_amd64.xz";

  /** Copies the list. */
  public RebuildFacts {
    missing = List.copyOf(missing);
  }

  /** Looks at this machine. */
  public static RebuildFacts observe(RebuildRequest request) throws IOException {
    KernelIdentity running = KernelIdentity.running();
    Optional<Original> original = original(request, running);
    Optional<KernelSource> source = source(original);
    return new RebuildFacts(
        running.release(),
        original,
        source,
        BuildTool.missing(),
        free(request.folder()),
        Runtime.getRuntime().availableProcessors(),
        source.isPresent() ? begun(request.folder(), source.get()) : Begun.NOTHING);
  }

  private static Optional<Original> original(RebuildRequest request, KernelIdentity running)
      throws IOException {
    if (request.configuration().isPresent()) {
      return Optional.of(read(request.configuration().get()));
    }
    Optional<Path> stock = stockConfiguration(running.release());
    if (stock.isPresent()) {
      return Optional.of(read(stock.get()));
    }
    Optional<String> own = KernelConfig.text(running);
    if (own.isPresent() && (isDebians(running.release()) || hasJump(own.get()))) {
      return Optional.of(Original.of("the running kernel, " + running.release(), own.get()));
    }
    Optional<Path> installed = installedConfiguration();
    return installed.isPresent() ? Optional.of(read(installed.get())) : Optional.empty();
  }

  /** Debian 12 and 13 call them {@code 6.1.0-53-amd64}, {@code 6.12.57+deb13-rt-amd64}. */
  static boolean isDebians(String release) {
    return release.matches(
        "\\d+\\.\\d+\\.\\d+(\\+[.~+\\w]+|-\\d+)(\\.bpo|[.\\d+\\w])*(-(rt|cloud))?-amd64");
  }

  /**
   * The distribution's configuration beside the running kernel, if that one is of our making: the
   * newest of the same series. It is built again for an update from what the distribution has.
   */
  private static Optional<Path> stockConfiguration(String running) throws IOException {
    if (!running.endsWith(JumpConfiguration.SUFFIX) || !Files.isDirectory(BOOT)) {
      return Optional.empty();
    }
    try (Stream<Path> all = Files.list(BOOT)) {
      return stockConfiguration(running, all.map(Path::getFileName).map(Path::toString).toList())
          .map(BOOT::resolve);
    }
  }

  /** The same, of the names in {@code /boot}. */
  static Optional<String> stockConfiguration(String running, List<String> names) {
    String series = KernelConfiguration.series(running);
    return names.stream()
        .filter(name -> name.startsWith(CONFIG))
        .filter(name -> isDebians(name.substring(CONFIG.length())))
        .filter(name -> KernelConfiguration.series(name.substring(CONFIG.length())).equals(series))
        .max(
            Comparator.comparing(
                name -> numbers(name.substring(CONFIG.length())), Arrays::compare));
  }

  /** The numbers of a release, so that 6.1.0-9 comes before 6.1.0-53. */
  private static int[] numbers(String release) {
    return Pattern.compile("\\d{1,9}")
        .matcher(release)
        .results()
        .mapToInt(number -> Integer.parseInt(number.group()))
        .toArray();
  }

  private static boolean hasJump(String text) {
    return KernelConfiguration.parse(text).has(JumpConfiguration.JUMP);
  }

  private static Optional<Path> installedConfiguration() throws IOException {
    if (!Files.isDirectory(CONFIGURATIONS)) {
      return Optional.empty();
    }
    try (Stream<Path> all = Files.list(CONFIGURATIONS)) {
      return all.filter(folder -> folder.getFileName().toString().startsWith("linux-config-"))
          .map(folder -> folder.resolve(ORDINARY))
          .filter(Files::isReadable)
          .max(Comparator.comparing(RebuildFacts::modified));
    }
  }

  private static long modified(Path file) {
    return file.toFile().lastModified();
  }

  private static Original read(Path file) throws IOException {
    if (!file.toString().endsWith(".xz")) {
      return Original.of(file.toString(), Files.readString(file));
    }
    // Java has no xz; a build of the kernel needs the program anyhow.
    Process xz =
        new ProcessBuilder("xz", "--decompress", "--stdout", file.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    xz.getOutputStream().close();
    String text;
    try (var output = xz.inputReader()) {
      text = output.readAllAsString();
    }
    if (xz.onExit().join().exitValue() != 0) {
      throw new ReportException(
          file + " cannot be unpacked",
          "Nothing has been changed.",
          "Install its package again, or name another one with --config.");
    }
    return Original.of(file.toString(), text);
  }

  private static Optional<KernelSource> source(Optional<Original> original) throws ReportException {
    Optional<String> name =
        original.flatMap(it -> it.configuration().series()).map(KernelSource::nameOf);
    return name.isPresent() && KernelSource.isInstalled(name.get())
        ? Optional.of(KernelSource.installed(name.get()))
        : Optional.empty();
  }

  /** The disk space where a folder is, or would be, in bytes. */
  static long free(Path folder) throws IOException {
    Path there = folder.toAbsolutePath();
    while (!Files.isDirectory(there)) {
      there = there.getParent();
    }
    return Files.getFileStore(there).getUsableSpace();
  }

  /** What an earlier run has left in a folder. */
  static Begun begun(Path folder, KernelSource source) {
    BuildFolder build = new BuildFolder(folder, source);
    if (!Files.isDirectory(build.tree())) {
      return Begun.NOTHING;
    }
    // The first thing that a build makes of the kernel itself.
    return Files.exists(build.tree().resolve("init/main.o")) ? Begun.COMPILED : Begun.UNPACKED;
  }
}
