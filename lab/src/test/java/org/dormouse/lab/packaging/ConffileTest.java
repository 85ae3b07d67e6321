package org.dormouse.lab.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.dormouse.cli.Configuration;
import org.junit.jupiter.api.Test;

/** The file that the package brings says what is true. */
class ConffileTest {
  private static final Path FILE = Path.of("/etc/dormouse.conf");

  private static Configuration parse(String text) throws IOException {
    return Configuration.parse(text, FILE);
  }

  @Test
  void itChangesNothing() throws Exception {
    assertThat(parse(PackageTree.resource("dormouse.conf"))).isEqualTo(Configuration.DEFAULTS);
  }

  @Test
  void whatItNamesAsDefaultIsIt() throws Exception {
    String settled = PackageTree.resource("dormouse.conf").replaceAll("(?m)^#(?! |$)", "");
    Configuration configuration = parse(settled);
    // The store has none; a key that is named is the one that is looked for anyway.
    assertThat(configuration.store()).isPresent();
    assertThat(configuration.keyFile()).isEqualTo(Configuration.DEFAULTS.keyFile());
    assertThat(
            new Configuration(
                Optional.empty(),
                configuration.imageSize(),
                configuration.codec(),
                configuration.then(),
                configuration.timeout(),
                configuration.saverKernel(),
                Optional.empty(),
                configuration.initramfs(),
                configuration.arm(),
                configuration.direct()))
        .isEqualTo(Configuration.DEFAULTS);
    assertThat(settled)
        .contains(
            "\nimage-size =",
            "\ncodec =",
            "\nthen =",
            "\ntimeout =",
            "\nsaver-kernel =",
            "\nkey =",
            "\ninitramfs =",
            "\narm =",
            "\ndirect =");
  }
}
