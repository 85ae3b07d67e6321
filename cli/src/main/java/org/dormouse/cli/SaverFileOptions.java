package org.dormouse.cli;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.dormouse.boot.BootFormatException;
import org.dormouse.boot.BzImage;
import org.dormouse.initramfs.Initramfs;
import org.dormouse.linux.KernelIdentity;
import org.dormouse.linux.Mapping;
import org.dormouse.protocol.SaverSoftware;
import org.dormouse.text.Report;
import org.dormouse.text.ReportException;
import picocli.CommandLine.Option;

/**
 * The options that say what the saver kernel is started from, and where it is looked for without
 * them.
 */
final class SaverFileOptions {
  private static final String UNTOUCHED = "Nothing was changed; the machine goes on.";
  private static final String ANOTHER =
      "Name what 'dormouse kernel build-saver' made, another bzImage with CONFIG_KEXEC_JUMP and the"
          + " drivers of the store's disk, or 'own'.";

  @Option(
      names = "--kernel",
      paramLabel = "FILE",
      description =
          "The saver kernel, a bzImage (default: what /etc/dormouse.conf says; else"
              + " /boot/vmlinuz-RELEASE, /boot/vmlinuz or /lib/modules/RELEASE/vmlinuz).")
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
            kernel.isPresent() ? kernel : ConfigurationFile.read().saverKernel(),
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

  /**
   * Checks that a file is a kernel that can be a saver's.
   *
   * @throws ReportException if it is not
   */
  static void check(Path kernel) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      BzImage.parse(Mapping.ofFile(kernel, arena));
    } catch (BootFormatException e) {
      throw new ReportException(new Report(kernel + ": " + e.getMessage(), UNTOUCHED, ANOTHER), e);
    } catch (NoSuchFileException e) {
      throw new ReportException(new Report("there is no " + kernel, UNTOUCHED, ANOTHER), e);
    }
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
                    UNTOUCHED,
                    what.equals("kernel")
                        ? "Name one with --kernel, or as saver-kernel in /etc/dormouse.conf."
                        : "Make one with: dormouse initramfs saver --output /boot/dormouse-saver.img"));
  }
}
