package org.dormouse.lab.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dormouse.lab.guest.HostCommand;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the package does when it is installed over an older one. */
class UpgradeTest {
  @TempDir Path folder;
  private PackagedScript system;

  @BeforeEach
  void make() throws IOException {
    system = new PackagedScript(folder);
    system.noting("usr/lib/dormouse/saver-for-kernel", "");
    system.write("boot/dormouse-saver-6.12-a.img", "old");
    system.write("boot/dormouse-saver-6.13.img", "old");
    system.write("boot/dormouse-saver-6.13.img.sha256", "old");
  }

  private void setUp() throws IOException {
    system.write(
        "var/lib/dormouse/setup/record",
        """
        unit dormouse-arm.service
        run systemctl try-restart systemd-logind.service
        run update-initramfs -u -k all
        """);
  }

  @Test
  void aFirstInstallationChangesNothing() throws Exception {
    setUp();
    HostCommand done = system.run("postinst", "configure", "");
    assertThat(done.status()).isZero();
    assertThat(system.run("postinst", "configure").status()).isZero();
    assertThat(system.run("postinst", "abort-remove").status()).isZero();
    assertThat(system.calls()).isEmpty();
  }

  @Test
  void aMachineThatWasNotSetUpIsLeftAlone() throws Exception {
    assertThat(system.run("postinst", "configure", "0.1").status()).isZero();
    assertThat(system.calls()).isEmpty();
  }

  @Test
  void whatHasACopyOfTheSoftwareIsMadeAnew() throws Exception {
    setUp();
    Files.createDirectories(system.at("run/systemd/system"));
    HostCommand done = system.run("postinst", "configure", "0.1");
    assertThat(done.status()).as(done.output()).isZero();
    assertThat(done.output()).isEmpty();
    assertThat(system.calls())
        .containsExactly(
            "systemctl --system daemon-reload",
            "deb-systemd-invoke start dormouse-disarm.service",
            "saver-for-kernel add 6.12-a",
            "saver-for-kernel add 6.13",
            "update-initramfs -u -k all");
  }

  @Test
  void whatFailsIsToldAndThePackageIsInstalled() throws Exception {
    setUp();
    system.noting("update-initramfs", "echo 'no room in /boot' >&2; exit 1");
    system.noting("usr/lib/dormouse/saver-for-kernel", "exit 1");
    HostCommand done = system.run("postinst", "configure", "0.1");
    assertThat(done.status()).isZero();
    assertThat(done.output())
        .contains("no room in /boot", "the initramfs were not made anew")
        .contains("  state: the package is installed", "then: update-initramfs -u -k all");
    assertThat(system.calls()).contains("update-initramfs -u -k all");
  }
}
