package org.dormouse.lab.qemu;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The files through which a machine that runs is reached, and its firmware's memory.
 *
 * @param shell the UNIX socket of the second serial port
 * @param monitor the UNIX socket of QEMU's monitor
 * @param uefiVariables those of the machine's firmware, if that is UEFI; they stay between
 *     power-ons
 */
record MachineFiles(Path shell, Path monitor, Path uefiVariables) {
  /** {@code sun_path} in {@code linux/un.h}, without the zero at its end. */
  private static final int LONGEST_ADDRESS = 107;

  /** Those of a power-on of this name, in the folder where they fit, else in one of their own. */
  static MachineFiles of(String name, Path folder) throws IOException {
    return new MachineFiles(
        socket(name + ".sock", folder),
        socket(name + ".qmp.sock", folder),
        folder.resolve("uefi-variables.fd"));
  }

  /** A path for a socket of this name. */
  static Path socket(String name, Path folder) throws IOException {
    Path near = folder.resolve(name).toAbsolutePath();
    boolean fits = near.toString().getBytes(StandardCharsets.UTF_8).length <= LONGEST_ADDRESS;
    Path socket = fits ? near : Files.createTempDirectory("dormouse").resolve("sock");
    Files.deleteIfExists(socket);
    return socket;
  }
}
