package org.dormouse.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelPackageTest {
  private static final KernelPackage PACKAGE =
      KernelPackage.of(
          "6.12.117-dormouse",
          new KernelSource("linux-source-6.12", "6.12.117-1~deb12u1", Path.of("/x")));

  @Test
  void standsBesideTheStockKernel() {
    assertThat(PACKAGE.fileName())
        .isEqualTo("linux-image-6.12.117-dormouse_6.12.117-1~deb12u1+dormouse1_amd64.deb");
    assertThat(PACKAGE.control(4711))
        .startsWith("Package: linux-image-6.12.117-dormouse\n")
        .contains("\nInstalled-Size: 4711\n")
        .endsWith("\n");
  }

  @Test
  void itsScriptsRunWhatTheSystemDoesAboutKernels(@TempDir Path folder)
      throws IOException, InterruptedException {
    assertThat(PACKAGE.scripts()).containsOnlyKeys("preinst", "postinst", "prerm", "postrm");
    for (Map.Entry<String, String> each : PACKAGE.scripts().entrySet()) {
      assertThat(each.getValue())
          .startsWith("#!/bin/sh\n")
          .contains(
              "run-parts --arg=6.12.117-dormouse --arg=/boot/vmlinuz-6.12.117-dormouse /etc/kernel/"
                  + each.getKey()
                  + ".d");
      Path script = Files.writeString(folder.resolve(each.getKey()), each.getValue());
      Process check = new ProcessBuilder("/bin/sh", "-n", script.toString()).inheritIO().start();
      assertThat(check.waitFor()).isZero();
    }
    assertThat(PACKAGE.scripts().get("prerm")).contains("linux-check-removal 6.12.117-dormouse");
  }
}
