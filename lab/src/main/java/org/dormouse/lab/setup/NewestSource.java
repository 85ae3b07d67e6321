package org.dormouse.lab.setup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.dormouse.initramfs.Folders;
import org.dormouse.rebuild.KernelSource;

/**
 * The newest kernel's source in Debian's archive: the package of the suite sid, fetched from the
 * mirror that this machine uses, into the cache. Nothing of the machine's own package management is
 * touched: apt gets folders and a list of sources of its own, and the package is unpacked, not
 * installed.
 */
final class NewestSource {
  private static final String FOLDER = "newest-source";
  private static final String SUITE = "sid";
  private static final String KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";
  private static final Pattern PACKAGE = Pattern.compile("^(linux-source-(\\d+)\\.(\\d+)) - .*");

  private final Path folder;
  private final Path log;
  private final Reporter reporter;

  NewestSource(CacheFolder cache, Reporter reporter) {
    this.folder = cache.path().resolve(FOLDER);
    this.log = cache.log("newest-source");
    this.reporter = reporter;
  }

  /** A package's name, and its kernel's version to compare. */
  private record Found(String name, int major, int minor) {}

  /** Whether it has been fetched before. */
  static boolean isFetched(CacheFolder cache) {
    return tarball(cache.path().resolve(FOLDER)).isPresent();
  }

  /**
   * The source; fetched if it is not there. One that was fetched stays: delete the folder for a
   * newer one.
   */
  KernelSource source() throws SetupException {
    if (tarball(folder).isEmpty()) {
      reporter.step(
          "kernel: fetch the newest source",
          () -> {
            fetch();
            return "kernel: fetch the newest source";
          });
    }
    Path tarball = tarball(folder).orElseThrow();
    try {
      String version = Files.readString(folder.resolve("version")).strip();
      String name = tarball.getFileName().toString().replace(".tar.xz", "");
      return new KernelSource(name, version, tarball);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private static Optional<Path> tarball(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".tar.xz")).findFirst();
    } catch (IOException e) {
      // Not fetched yet.
      return Optional.empty();
    }
  }

  private void fetch() throws SetupException {
    try {
      Folders.delete(folder);
      Path scratch = Files.createDirectories(folder.resolve("scratch"));
      Files.deleteIfExists(log);
      Tool tool = new Tool(scratch, log, Map.of("LC_ALL", "C"));
      for (String each : List.of("lists/partial", "cache/archives/partial", "parts")) {
        Files.createDirectories(scratch.resolve(each));
      }
      Files.writeString(scratch.resolve("status"), "");
      Files.writeString(
          scratch.resolve("sources.list"),
          "deb [signed-by=%s] %s %s main\n".formatted(KEYRING, mirror(tool), SUITE));
      tool.run(apt("apt-get", scratch, "update"));
      Found newest = newest(tool, scratch);
      tool.run(apt("apt-get", scratch, "download", newest.name()));
      unpack(tool, scratch, newest);
      Folders.delete(scratch);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** The first address that this machine has its packages from. */
  private static String mirror(Tool tool) throws SetupException {
    List<String> sites = new ArrayList<>();
    tool.run(
        List.of(
            "apt-get",
            "indextargets",
            "--format",
            "$(SITE)",
            "Created-By: Packages",
            "Origin: Debian"),
        sites::add);
    return sites.stream()
        .filter(line -> line.matches("https?://\\S+"))
        .findFirst()
        .orElseThrow(
            () ->
                new SetupException(
                    "apt knows no mirror of Debian's archive",
                    "Nothing has been fetched.",
                    "The newest kernel can only be had on a Debian with its archive in apt's sources."));
  }

  private static List<String> apt(String program, Path scratch, String... words) {
    List<String> command =
        new ArrayList<>(
            List.of(
                program,
                "-o",
                "Dir::Etc::sourcelist=" + scratch.resolve("sources.list"),
                "-o",
                "Dir::Etc::sourceparts=" + scratch.resolve("parts"),
                "-o",
                "Dir::State::lists=" + scratch.resolve("lists"),
                "-o",
                "Dir::State::status=" + scratch.resolve("status"),
                "-o",
                "Dir::Cache=" + scratch.resolve("cache"),
                "-o",
                "Acquire::Languages=none",
                "-o",
                "APT::Sandbox::User=root"));
    command.addAll(List.of(words));
    return command;
  }

  private static Found newest(Tool tool, Path scratch) throws SetupException {
    List<Found> found = new ArrayList<>();
    tool.run(
        apt("apt-cache", scratch, "search", "--names-only", "^linux-source-[0-9.]+$"),
        line -> {
          Matcher words = PACKAGE.matcher(line);
          if (words.matches()) {
            found.add(
                new Found(
                    words.group(1),
                    Integer.parseInt(words.group(2)),
                    Integer.parseInt(words.group(3))));
          }
        });
    return found.stream()
        .max(Comparator.comparingInt(Found::major).thenComparingInt(Found::minor))
        .orElseThrow(
            () ->
                new SetupException(
                    "the archive has no package of a kernel's source",
                    "Nothing has been built.",
                    "See the log " + tool.log()));
  }

  private void unpack(Tool tool, Path scratch, Found newest) throws SetupException, IOException {
    Path archive;
    try (Stream<Path> files = Files.list(scratch)) {
      archive =
          files
              .filter(file -> file.toString().endsWith(".deb"))
              .findFirst()
              .orElseThrow(() -> new IOException("apt-get has left no package"));
    }
    List<String> version = new ArrayList<>();
    tool.run(List.of("dpkg-deb", "--field", archive.toString(), "Version"), version::add);
    tool.run(List.of("dpkg-deb", "--extract", archive.toString(), scratch.resolve("x").toString()));
    Files.writeString(folder.resolve("version"), String.join("", version));
    String name = newest.name() + ".tar.xz";
    Files.move(scratch.resolve("x/usr/src").resolve(name), folder.resolve(name));
  }

  private SetupException failed(IOException e) {
    return new SetupException(
        "the newest kernel's source cannot be kept: " + e.getMessage(),
        "Nothing has been built.",
        "Delete " + folder + " and try again.",
        e);
  }
}
