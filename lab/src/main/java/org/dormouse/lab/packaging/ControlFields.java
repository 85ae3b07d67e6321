package org.dormouse.lab.packaging;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * What the package says of itself.
 *
 * @param version of the package
 * @param depends the packages that it needs
 * @param installedKib how much room it takes, in KiB
 */
record ControlFields(DebianVersion version, String depends, long installedKib) {
  private static final String NAME = "dormouse";
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss Z", Locale.ENGLISH);

  private static final String ARCHITECTURE = "amd64";

  /** Whom a person writes to. Debian's tools want an address; this project has none of its own. */
  private static final String MAINTAINER = "Dormouse maintainers <maintainers@dormouse.invalid>";

  /** The name of the package's file. */
  static String fileName(DebianVersion version) {
    return NAME + "_" + version.text() + "_" + ARCHITECTURE + ".deb";
  }

  /** The file {@code control}. */
  String text() {
    return String.join(
        "\n",
        "Package: " + NAME,
        "Version: " + version.text(),
        "Architecture: " + ARCHITECTURE,
        "Maintainer: " + MAINTAINER,
        "Installed-Size: " + installedKib,
        "Depends: " + depends,
        "Recommends: initramfs-tools",
        "Section: admin",
        "Priority: optional",
        "Description: hibernation by kexec jump",
        " Dormouse hibernates Linux by kexec jump: the running kernel jumps into a",
        " second one, the saver, which looks at the memory as it lies there, writes it",
        " to a disk with ordinary programs, and switches the machine off. At the next",
        " power-on the same saver puts every page back where it was, and jumps.",
        " .",
        " Besides it takes dumps of the running machine, starts a rescue shell or other",
        " kernels beside it, and runs a program on the bare processor.",
        " .",
        " The running kernel needs CONFIG_KEXEC_JUMP: \"dormouse doctor\" tells what is",
        " missing. Installing the package changes nothing about how the machine boots.",
        "");
  }

  /**
   * The changelog, of this version alone.
   *
   * @param built when it was built
   */
  static String changelog(DebianVersion version, Instant built) {
    return String.join(
        "\n",
        NAME + " (" + version.text() + ") unstable; urgency=medium",
        "",
        "  * Built from the source tree, whose history tells what has changed.",
        "",
        " -- " + MAINTAINER + "  " + DATE.format(built.atOffset(ZoneOffset.UTC)),
        "");
  }
}
