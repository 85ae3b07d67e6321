package org.dormouse.rebuild;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.dormouse.text.ReportException;

/**
 * A kernel's source as Debian packs it.
 *
 * @param name of the package, of its tarball and of the folder in there: {@code linux-source-6.12}
 * @param version of the package, with the distribution's patches: {@code 6.12.117-1~deb12u1}
 * @param tarball where it is
 */
public record KernelSource(String name, String version, Path tarball) {
  private static final Path FOLDER = Path.of("/usr/src");
  private static final Pattern TARBALL =
      Pattern.compile("(linux-source-(\\d{1,4})\\.(\\d{1,4}))\\.tar\\.xz");
  private static final String STATE = "Nothing has been changed.";

  /** The package that has the source of a series of kernels. */
  public static String nameOf(String series) {
    return "linux-source-" + series;
  }

  /**
   * One that is installed.
   *
   * @param name of the package
   * @throws ReportException if it is not
   */
  public static KernelSource installed(String name) throws ReportException {
    if (!isInstalled(name)) {
      throw new ReportException(
          "the kernel's source is missing: " + tarball(name), STATE, "Install it: " + apt(name));
    }
    return new KernelSource(name, packageVersion(name), tarball(name));
  }

  /** The name of the newest that is installed, by its series. */
  static Optional<String> newestInstalled() throws IOException {
    if (!Files.isDirectory(FOLDER)) {
      return Optional.empty();
    }
    try (Stream<Path> all = Files.list(FOLDER)) {
      return all.map(file -> TARBALL.matcher(file.getFileName().toString()))
          .filter(Matcher::matches)
          .max(
              Comparator.comparingInt((Matcher name) -> Integer.parseInt(name.group(2)))
                  .thenComparingInt(name -> Integer.parseInt(name.group(3))))
          .map(name -> name.group(1));
    }
  }

  /** Whether Debian's package of that name has left its tarball. */
  public static boolean isInstalled(String name) {
    return Files.isReadable(tarball(name));
  }

  /** The command that installs packages. */
  static String apt(String... names) {
    return "apt install --no-install-recommends " + String.join(" ", names);
  }

  private static Path tarball(String name) {
    return FOLDER.resolve(name + ".tar.xz");
  }

  private static String packageVersion(String name) throws ReportException {
    var command = List.of("dpkg-query", "--show", "--showformat", "${Version}", name);
    try {
      Process query = new ProcessBuilder(command).start();
      query.getOutputStream().close();
      var version = new String(query.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (query.waitFor() == 0) {
        return version;
      }
      throw unknownVersion(name, new IOException("dpkg-query does not know the package"));
    } catch (IOException e) {
      throw unknownVersion(name, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unknownVersion(name, e);
    }
  }

  private static ReportException unknownVersion(String name, Exception cause) {
    return new ReportException(
        new org.dormouse.text.Report(
            "cannot tell the version of " + tarball(name) + ": " + cause.getMessage(),
            STATE,
            "Install the package instead of copying the file: " + apt(name)),
        cause);
  }

  /** The kernel's own version, without the distribution's: {@code 6.12.117}. */
  public String upstream() {
    return version.replaceFirst("-[^-]*$", "").replaceFirst("^\\d+:", "");
  }
}
