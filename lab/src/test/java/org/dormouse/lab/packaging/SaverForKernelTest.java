package org.dormouse.lab.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.dormouse.lab.guest.HostCommand;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is done for each kernel that is installed or removed. */
class SaverForKernelTest {
  @TempDir Path folder;
  private PackagedScript system;

  @BeforeEach
  void make() throws IOException {
    system = new PackagedScript(folder);
  }

  private HostCommand run(String... arguments) throws Exception {
    HostCommand done = system.run("saver-for-kernel", arguments);
    // Whatever happens, the kernel is installed.
    assertThat(done.status()).isZero();
    return done;
  }

  @Test
  void aKernelThatIsInstalledGetsASaver() throws Exception {
    system.write("boot/config-6.12", "CONFIG_KEXEC=y\nCONFIG_KEXEC_JUMP=y\n");
    assertThat(run("add", "6.12").output()).isEmpty();
    assertThat(system.calls())
        .containsExactly(
            "dormouse initramfs saver --kernel-release 6.12 --output "
                + system.at("boot/dormouse-saver-6.12.img"));
  }

  @Test
  void aKernelWhoseConfigurationIsNotKnownGetsOneToo() throws Exception {
    run("add", "6.12");
    assertThat(system.calls()).hasSize(1);
  }

  @Test
  void aKernelThatCannotBeJumpedBackToGetsNone() throws Exception {
    system.write("boot/config-6.1", "# CONFIG_KEXEC_JUMP is not set\n");
    system.write("lib/modules/6.2/config", "CONFIG_KEXEC=y\n");
    assertThat(run("add", "6.1").output()).isEmpty();
    assertThat(run("add", "6.2").output()).isEmpty();
    assertThat(system.calls()).isEmpty();
  }

  @Test
  void aSaverThatCannotBeMadeIsTold() throws Exception {
    system.noting("usr/sbin/dormouse", "echo 'dormouse: no room'; exit 74");
    assertThat(run("add", "6.12").output())
        .contains("no saver was made for kernel 6.12", "dormouse: no room");
  }

  @Test
  void aKernelThatIsRemovedLosesItsOwnAlone() throws Exception {
    Path image = system.write("boot/dormouse-saver-6.12.img", "a");
    Path digest = system.write("boot/dormouse-saver-6.12.img.sha256", "b");
    Path other = system.write("boot/dormouse-saver-6.12-x.img", "c");
    run("remove", "6.12");
    assertThat(image).doesNotExist();
    assertThat(digest).doesNotExist();
    assertThat(other).exists();
    run("remove", "6.12");
    assertThat(system.calls()).isEmpty();
  }

  @Test
  void oddArgumentsAreNothingToDo() throws Exception {
    Path image = system.write("boot/dormouse-saver-.img", "a");
    Path elsewhere = system.write("elsewhere.img", "a");
    run();
    run("add");
    run("remove", "");
    run("remove", "x/../../elsewhere");
    run("add", "../6.12");
    run("reinstall", "6.12");
    run("inspect");
    assertThat(system.calls()).isEmpty();
    assertThat(image).exists();
    assertThat(elsewhere).exists();
  }
}
