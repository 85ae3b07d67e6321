package org.dormouse.lab.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OvmfTest {
  @TempDir private Path folder;

  @Test
  void aMachineKeepsItsVariables() throws Exception {
    Ovmf ovmf =
        new Ovmf(
            Files.writeString(folder.resolve("code"), "code"),
            Files.writeString(folder.resolve("template"), "new"));
    Path own = folder.resolve("own");
    ovmf.giveVariables(own);
    assertThat(own).hasContent("new");
    Files.writeString(own, "changed by the firmware");
    ovmf.giveVariables(own);
    assertThat(own).hasContent("changed by the firmware");
  }

  @Test
  void whatIsMissingIsNamedWithWhatToDo() {
    Path missing = folder.resolve("OVMF_CODE_4M.fd");
    assertThatThrownBy(() -> new Ovmf(missing, missing).giveVariables(folder.resolve("own")))
        .hasMessageContaining(missing.toString())
        .hasMessageContaining("apt-get install")
        .hasMessageContaining("No machine was started");
  }
}
