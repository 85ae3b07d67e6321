package org.dormouse.lab.qemu;

import java.nio.file.Path;
import java.util.List;

/** A process that ends as a QEMU may. */
public final class CrashingQemu {
  private CrashingQemu() {}

  /** Runs a shell's script in place of QEMU until it has ended. */
  public static void run(String script, Path folder) throws Exception {
    try (QemuProcess process =
        QemuProcess.start(
            "crash",
            List.of("/bin/sh", "-c", script),
            folder.resolve("errors"),
            QemuProcess.UNHEARD)) {
      process.process().waitFor();
    }
  }
}
