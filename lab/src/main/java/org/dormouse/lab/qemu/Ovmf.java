package org.dormouse.lab.qemu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * OVMF as Debian's package {@code ovmf} has it: code that all machines share, and variables to be
 * copied.
 *
 * @param code what the processor runs
 * @param variables those of a machine that was never switched on
 */
record Ovmf(Path code, Path variables) {
  private static final Path FOLDER = Path.of("/usr/share/OVMF");

  /** Where the package puts it. The build without secure boot, which our kernels are not for. */
  static Ovmf installed() {
    return new Ovmf(FOLDER.resolve("OVMF_CODE_4M.fd"), FOLDER.resolve("OVMF_VARS_4M.fd"));
  }

  /**
   * Gives a machine variables of its own, if it has none from an earlier power-on.
   *
   * @throws IOException also if OVMF is not installed: the message says what to do
   */
  void giveVariables(Path machines) throws IOException {
    for (Path file : new Path[] {code, variables}) {
      if (!Files.isReadable(file)) {
        throw new IOException(
            "UEFI was asked for, and there is no "
                + file
                + ". No machine was started. Install it: apt-get install --no-install-recommends"
                + " ovmf");
      }
    }
    if (Files.notExists(machines)) {
      Files.copy(variables, machines);
    }
  }
}
