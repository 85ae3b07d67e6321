package org.dormouse.lab.setup;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A kernel's source as the distribution packs it.
 *
 * @param name of the package, of its tarball and of the folder in there
 * @param version of the package, with the distribution's patches: {@code 6.12.117-1~deb12u1}
 * @param tarball where it is
 */
record KernelSource(String name, String version, Path tarball) {
  /**
   * Debian's, which must be installed.
   *
   * @param name of the package
   */
  static KernelSource installed(String name) throws SetupException {
    if (!isInstalled(name)) {
      throw new SetupException(
          "the kernel's source is missing: " + tarball(name),
          "Nothing has been changed.",
          "Install it: apt-get install --no-install-recommends " + name);
    }
    return new KernelSource(name, packageVersion(name), tarball(name));
  }

  /** Whether Debian's package of that name has left its tarball. */
  static boolean isInstalled(String name) {
    return Files.isReadable(tarball(name));
  }

  private static Path tarball(String name) {
    return Path.of("/usr/src", name + ".tar.xz");
  }

  private static String packageVersion(String name) throws SetupException {
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

  private static SetupException unknownVersion(String name, Exception cause) {
    return new SetupException(
        "cannot tell the version of " + tarball(name) + ": " + cause.getMessage(),
        "Nothing has been changed.",
        "Install the Debian package " + name + " instead of copying the file.",
        cause);
  }
}
