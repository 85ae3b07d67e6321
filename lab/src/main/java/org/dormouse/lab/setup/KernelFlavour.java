package org.dormouse.lab.setup;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.dormouse.rebuild.KernelFragment;
import org.dormouse.rebuild.KernelSource;
import org.dormouse.text.ReportException;

/** The kernels that the lab builds. */
public enum KernelFlavour {
  /**
   * Of the lab's machines: original, saver and resume kernel in one. A build was measured to take
   * 1.1 GiB: 841 MiB of source, the rest compiled; and some room.
   */
  V6_12("kernel", "linux-source-6.12", 1536),
  /** Debian 12's first one, from before the jump's repair. */
  V6_1("linux-6.1", "linux-source-6.1", 1536),
  /** The newest in Debian's archive, whatever its number. */
  NEWEST("linux-newest", "linux-source-", 2048),
  /**
   * That of the machines with Debian's own configuration, as most people have it but for the jump;
   * what these machines need to start is built in, for their initramfs have no modules. With
   * modules, as a package: {@link KernelPackageBuild}.
   */
  DEBIAN("linux-debian", "linux-source-6.12", 3072),
  /**
   * With debug information, for the test of what debuggers make of our files: 6.1, for Debian 12's
   * crash does not open 6.4 and later.
   */
  DEBUG("debug-kernel", "linux-source-6.1", 3072),
  /**
   * Dormouse's own saver kernel, as {@code dormouse kernel build-saver} makes it. No system runs on
   * it.
   */
  SAVER("saver-kernel", "linux-source-6.12", 1536);

  private final String shelf;
  private final String source;
  private final int mib;

  KernelFlavour(String shelf, String source, int mib) {
    this.shelf = shelf;
    this.source = source;
    this.mib = mib;
  }

  /** What it is called on the command line: {@code 6.12}, {@code newest}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replaceFirst("^v", "").replace('_', '.');
  }

  /**
   * Reads {@link #word}.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static KernelFlavour of(String word) {
    for (KernelFlavour flavour : values()) {
      if (flavour != SAVER && flavour.word().equals(word)) {
        return flavour;
      }
    }
    throw new IllegalArgumentException("there is no kernel " + word);
  }

  /** What it is kept under in the cache. */
  String shelf() {
    return shelf;
  }

  /** The package that its source is in; for {@link #NEWEST}, how its name begins. */
  String sourceName() {
    return source;
  }

  /** Where its source is from. */
  KernelSource find(CacheFolder cache, Reporter reporter) throws SetupException {
    if (this == NEWEST) {
      return new NewestSource(cache, reporter).source();
    }
    if (base().stream().anyMatch(file -> !Files.isReadable(file))) {
      throw new SetupException(
          "Debian's own configuration is not there: " + base().orElseThrow(),
          "Nothing has been built.",
          "Install the package linux-config-6.12.");
    }
    try {
      return KernelSource.installed(source);
    } catch (ReportException e) {
      throw SetupException.of(e);
    }
  }

  /** Whether all that it is built from is there, without fetching it. */
  boolean isSourceHere(CacheFolder cache) {
    return this == NEWEST
        ? NewestSource.isFetched(cache)
        : KernelSource.isInstalled(source) && base().stream().allMatch(Files::isReadable);
  }

  /**
   * A whole configuration that {@link #fragment} changes, compressed with xz; empty if all that the
   * fragment does not name is off.
   */
  Optional<Path> base() {
    return this == DEBIAN
        ? Optional.of(Path.of("/usr/src/linux-config-6.12/config.amd64_none_amd64.xz"))
        : Optional.empty();
  }

  /** Files that make says it compiled, counted; only the progress bar depends on it. */
  long filesCompiled() {
    return this == DEBIAN ? 2970 : 1805;
  }

  /** The space that a build needs while it runs, in bytes. */
  long buildBytes() {
    return (long) mib << 20;
  }

  /** What its configuration is to be. */
  KernelFragment fragment() {
    if (this == DEBIAN) {
      return named("debian.config");
    }
    if (this == SAVER) {
      return KernelFragment.saver();
    }
    KernelFragment all = KernelFragment.saver().with(named("kernel.config"));
    for (String more : differences()) {
      all = all.with(named(more));
    }
    return all;
  }

  private static KernelFragment named(String resource) {
    return KernelFragment.named(KernelFlavour.class, resource);
  }

  private List<String> differences() {
    List<String> files = new ArrayList<>();
    if (this == V6_1 || this == DEBUG) {
      files.add("6.1.config");
    }
    if (this == DEBUG) {
      files.add("debug.config");
    }
    if (this == NEWEST) {
      files.add("newest.config");
    }
    return files;
  }
}
