package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.dormouse.image.ImageState;
import org.dormouse.initramfs.Folders;
import org.dormouse.initramfs.Initramfs;
import org.dormouse.lab.guest.HostCommand;

/** What an ordinary boot does: its script, {@code wake}, in busybox's shell of the host. */
final class OrdinaryBoot {
  /** The line that has a boot go on without an image. */
  private static final String BOOT_ON = "\nboot=on\n";

  private OrdinaryBoot() {}

  /** Puts the script into a folder of the host. */
  static Path script(Path folder) throws IOException {
    Path script = folder.resolve("wake");
    try (InputStream in = Initramfs.class.getResourceAsStream("wake")) {
      Files.write(script, in.readAllBytes());
    }
    return script;
  }

  /**
   * Fails if the script does not find in each store what the library has found there, and chooses
   * those to be woken that are complete, unless the next boot is told to leave them alone.
   *
   * @param blocks the first blocks of stores, a byte a character
   * @param folder where to make files of them for a while
   */
  static void judges(Map<String, Optional<ImageState>> blocks, Path folder)
      throws IOException, InterruptedException {
    Path run = Files.createTempDirectory(folder, "boot");
    try {
      List<Optional<ImageState>> states = List.copyOf(blocks.values());
      List<String> contents = List.copyOf(blocks.keySet());
      layOut(contents, run);
      String complete = search(run);
      List<String> said = Files.readAllLines(run.resolve("console"));
      for (int i = 0; i < states.size(); i++) {
        String device = run.resolve("dev").resolve(name(i)).toString();
        String told =
            said.stream().filter(line -> line.contains(device + ":")).findFirst().orElse("");
        assertThat(told).contains(states.get(i).map(OrdinaryBoot::told).orElse(""));
        assertThat(complete.contains(device))
            .as("%s, %s, is woken", device, states.get(i))
            .isEqualTo(
                states.get(i).equals(Optional.of(ImageState.COMPLETE))
                    && !contents.get(i).contains(BOOT_ON));
      }
    } finally {
      Folders.delete(run);
    }
  }

  private static void layOut(List<String> blocks, Path run) throws IOException {
    Path devices = Files.createDirectories(run.resolve("dev"));
    for (int i = 0; i < blocks.size(); i++) {
      Files.writeString(devices.resolve(name(i)), blocks.get(i), StandardCharsets.ISO_8859_1);
      Path sys = Files.createDirectories(run.resolve("sys").resolve(name(i)));
      Files.writeString(sys.resolve("size"), "8\n");
    }
  }

  private static String name(int number) {
    return "cut%04d".formatted(number);
  }

  private static String told(ImageState state) {
    return switch (state) {
      case EMPTY -> "no image";
      case WRITING -> "the image was not written to its end";
      case COMPLETE, DUMP -> "";
      case REFUSED -> "the image was refused, and is left alone";
      case CONSUMED -> "the image was used already";
    };
  }

  private static String search(Path run) throws IOException, InterruptedException {
    String text =
        """
        WAKE_AS_LIBRARY=yes WAKE_BLOCK=%1$s/sys WAKE_DEV=%1$s/dev
        WAKE_CONSOLE=%1$s/console WAKE_FOLDER=%1$s/run
        . %2$s
        resume=''
        search
        echo $complete
        """
            .formatted(run, script(run));
    return HostCommand.check(List.of("/bin/busybox", "sh", "-c", text));
  }
}
