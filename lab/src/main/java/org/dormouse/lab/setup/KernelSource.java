package org.dormouse.lab.setup;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A kernel's source as the distribution packs it.
 *
 * @param version of the package, with the distribution's patches: {@code 6.12.117-1~deb12u1}
 */
record KernelSource(Path tarball, String version) {
  private static final String PACKAGE = "linux-source-6.12";
  private static final Path TARBALL = Path.of("/usr/src", PACKAGE + ".tar.xz");

  /** Debian's, which must be installed. */
  static KernelSource installed() throws SetupException {
    if (!Files.isReadable(TARBALL)) {
      throw new SetupException(
          "the kernel's source is missing: " + TARBALL,
          "Nothing has been changed.",
          "Install it: apt-get install --no-install-recommends " + PACKAGE);
    }
    return new KernelSource(TARBALL, packageVersion());
  }

  /** The folder that the tarball unpacks to. */
  String folder() {
    return PACKAGE;
  }

  private static String packageVersion() throws SetupException {
    var command = List.of("dpkg-query", "--show", "--showformat", "${Version}", PACKAGE);
    try {
      Process query = new ProcessBuilder(command).start();
      query.getOutputStream().close();
      var version = new String(query.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (query.waitFor() == 0) {
        return version;
      }
      throw unknownVersion(new IOException("dpkg-query does not know the package"));
    } catch (IOException e) {
      throw unknownVersion(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unknownVersion(e);
    }
  }

  private static SetupException unknownVersion(Exception cause) {
    return new SetupException(
        "cannot tell the version of " + TARBALL + ": " + cause.getMessage(),
        "Nothing has been changed.",
        "Install the Debian package " + PACKAGE + " instead of copying the file.",
        cause);
  }
}
