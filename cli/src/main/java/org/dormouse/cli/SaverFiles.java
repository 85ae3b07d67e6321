package org.dormouse.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.dormouse.initramfs.Initramfs;
import org.dormouse.linux.KernelIdentity;
import org.dormouse.sleep.SaverSoftware;
import org.dormouse.sleep.SleepException;
import picocli.CommandLine.Option;

/**
 * The options that say what the saver kernel is started from, and where it is looked for without
 * them.
 */
final class SaverFiles {
  @Option(
      names = "--kernel",
      paramLabel = "FILE",
      description =
          "The saver kernel, a bzImage (default: /boot/vmlinuz-RELEASE or /boot/vmlinuz).")
  private Optional<Path> kernel = Optional.empty();

  @Option(
      names = "--initramfs",
      paramLabel = "FILE",
      description =
          "What 'dormouse initramfs' made (default: /boot/dormouse-RELEASE.img or /boot/dormouse.img).")
  private Optional<Path> initramfs = Optional.empty();

  SaverSoftware find() throws SleepException, IOException {
    String release = KernelIdentity.running().release();
    Path kernelFile = first("kernel", kernel, List.of("/boot/vmlinuz-" + release, "/boot/vmlinuz"));
    Path initramfsFile =
        first(
            "initramfs",
            initramfs,
            List.of("/boot/dormouse-" + release + ".img", "/boot/dormouse.img"));
    return new SaverSoftware(kernelFile, initramfsFile, Initramfs.unpackedBytes(initramfsFile));
  }

  private static Path first(String what, Optional<Path> given, List<String> usual)
      throws SleepException {
    List<Path> places = given.map(List::of).orElseGet(() -> usual.stream().map(Path::of).toList());
    return places.stream()
        .filter(Files::isReadable)
        .findFirst()
        .orElseThrow(
            () ->
                new SleepException(
                    "there is no saver " + what + ": looked for " + places,
                    "Nothing was changed; the machine goes on.",
                    what.equals("kernel")
                        ? "Name one with --kernel."
                        : "Make one with: dormouse initramfs --output /boot/dormouse.img"));
  }
}
