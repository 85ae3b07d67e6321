package org.dormouse.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.dormouse.initramfs.Initramfs;
import org.dormouse.linux.KernelIdentity;
import org.dormouse.protocol.SaverSoftware;
import org.dormouse.text.ReportException;
import picocli.CommandLine.Option;

/**
 * The options that say what the saver kernel is started from, and where it is looked for without
 * them.
 */
final class SaverFileOptions {
  @Option(
      names = "--kernel",
      paramLabel = "FILE",
      description =
          "The saver kernel, a bzImage (default: /boot/vmlinuz-RELEASE, /boot/vmlinuz or"
              + " /lib/modules/RELEASE/vmlinuz).")
  private Optional<Path> kernel = Optional.empty();

  @Option(
      names = "--initramfs",
      paramLabel = "FILE",
      description =
          "What 'dormouse initramfs' made (default: /boot/dormouse-saver-RELEASE.img or /boot/dormouse-saver.img).")
  private Optional<Path> initramfs = Optional.empty();

  /**
   * Finds the files.
   *
   * @throws ReportException if one is not there
   */
  SaverSoftware find() throws IOException {
    String release = KernelIdentity.running().release();
    Path kernelFile =
        first(
            "kernel",
            kernel,
            List.of(
                "/boot/vmlinuz-" + release,
                "/boot/vmlinuz",
                "/lib/modules/" + release + "/vmlinuz"));
    Path initramfsFile =
        first(
            "initramfs",
            initramfs,
            List.of("/boot/dormouse-saver-" + release + ".img", "/boot/dormouse-saver.img"));
    return new SaverSoftware(
        kernelFile,
        FileDigest.of(kernelFile),
        initramfsFile,
        FileDigest.of(initramfsFile),
        Initramfs.unpackedBytes(initramfsFile));
  }

  private static Path first(String what, Optional<Path> given, List<String> usual)
      throws ReportException {
    List<Path> places = given.map(List::of).orElseGet(() -> usual.stream().map(Path::of).toList());
    return places.stream()
        .filter(Files::isReadable)
        .findFirst()
        .orElseThrow(
            () ->
                new ReportException(
                    "there is no saver " + what + ": looked for " + places,
                    "Nothing was changed; the machine goes on.",
                    what.equals("kernel")
                        ? "Name one with --kernel."
                        : "Make one with: dormouse initramfs saver --output /boot/dormouse-saver.img"));
  }
}
