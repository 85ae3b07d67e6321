package org.dormouse.cli;

import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** What opens the sealed images that a command reads. */
final class KeyOption {
  @Option(
      names = "--key",
      paramLabel = "FILE",
      description =
          "The key file of a sealed image; several, if it is given several times. Without one that"
              + " fits, the passphrase is asked for.")
  private List<Path> files = List.of();

  ImageOpening opening() {
    return new ImageOpening(files);
  }
}
