package org.dormouse.lab.packaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class DebianVersionTest {
  @Test
  void aSnapshotComesBeforeItsRelease() {
    assertThat(DebianVersion.ofMaven("0.1.0-SNAPSHOT").text()).isEqualTo("0.1.0~snapshot-1");
    assertThat(DebianVersion.ofMaven("1.2").text()).isEqualTo("1.2-1");
  }

  @Test
  void theVersionIsThatOfTheCommandsJar() {
    assertThat(DebianVersion.of(List.of(Path.of("/x/picocli-4.7.7.jar"), Path.of("cli-0.3.jar"))))
        .isEqualTo(new DebianVersion("0.3-1"));
    assertThatThrownBy(() -> DebianVersion.of(List.of(Path.of("picocli-4.7.7.jar"))))
        .hasMessageContaining("picocli");
  }

  @Test
  void theChangelogIsOneThatDebiansToolsRead() {
    assertThat(
            ControlFields.changelog(
                new DebianVersion("0.3-1"), Instant.parse("2026-01-01T00:00:00Z")))
        .startsWith("dormouse (0.3-1) unstable; urgency=medium\n\n  * ")
        .endsWith(">  Thu, 01 Jan 2026 00:00:00 +0000\n");
  }
}
