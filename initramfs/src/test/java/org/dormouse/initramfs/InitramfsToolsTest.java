package org.dormouse.initramfs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is installed for the tools that make a system's own initramfs. */
class InitramfsToolsTest {
  private static final String DRACUT = "usr/lib/dracut/modules.d/45dormouse/";

  @TempDir Path root;

  @BeforeEach
  void install() throws IOException {
    InitramfsTools.writeTo(root);
  }

  private String text(String path) throws IOException {
    return Files.readString(root.resolve(path));
  }

  @Test
  void programsAreProgramsAndUnitsAreNot() {
    assertThat(root.resolve(DRACUT + "module-setup.sh")).isExecutable();
    assertThat(Files.isExecutable(root.resolve(DRACUT + "dormouse-wake.service"))).isFalse();
  }

  @Test
  void shellsTakeAllScripts() throws IOException {
    for (String script :
        List.of(
            "usr/share/initramfs-tools/hooks/dormouse",
            "usr/share/initramfs-tools/scripts/local-top/dormouse",
            "usr/lib/dormouse/into-initramfs",
            DRACUT + "dormouse-wake.sh",
            DRACUT + "dormouse-pre-mount.sh",
            "usr/lib/initcpio/hooks/dormouse")) {
      Command.of("sh", "-n", root.resolve(script)).run();
    }
    for (String script : List.of(DRACUT + "module-setup.sh", "usr/lib/initcpio/install/dormouse")) {
      Command.of("bash", "-n", root.resolve(script)).run();
    }
  }

  /** A script of a tool's, with what it reads and writes in a folder. */
  private Path rooted(String path) throws IOException {
    Path common = root.resolve("usr/lib/dormouse/into-initramfs");
    for (Path file : List.of(common, root.resolve(path))) {
      Files.writeString(
          file,
          Files.readString(file)
              .replaceAll("(?<![\\w/])/(usr/lib/dormouse|etc/|var/lib)", root + "/$1"));
    }
    return root.resolve(path);
  }

  @Test
  void anInitramfsIsOnlyToldIfAPersonHasSaidSoAndWhatWasSaidOfTheLastOneIsForgotten()
      throws IOException {
    Path note = root.resolve("var/lib/dormouse/next-boot/6.1.0");
    Path other = note.resolveSibling("6.1.1");
    Files.createDirectories(note.getParent());
    Files.writeString(note, "/dev/sda2@4096\n");
    Files.writeString(other, "/dev/sda2@4096\n");
    Path hook = rooted(DRACUT + "module-setup.sh");
    // check() of a machine without the configuration: 255, as dracut.modules(7) has it.
    String check = "kernel=6.1.0; . '" + hook + "'; check; echo $?";
    assertThat(Command.of("bash", "-c", check).run().strip()).isEqualTo("255");
    assertThat(note).doesNotExist();
    assertThat(other).exists();
    Path configuration = root.resolve("etc/dormouse.conf");
    Files.createDirectories(configuration.getParent());
    Files.writeString(configuration, "#initramfs = no\ninitramfs = yes\n");
    String wanted = "require_binaries() { return 7; }; " + check;
    assertThat(Command.of("bash", "-c", wanted).run().strip()).isEqualTo("1");
  }

  /** dormouse-wake.sh, with its files in a folder. */
  private String wake(String moment, String commandLine) throws IOException {
    Path home = root.resolve("usr/lib/dormouse");
    Files.createDirectories(home.resolve("applets"));
    Files.deleteIfExists(home.resolve("applets/sh"));
    Files.createSymbolicLink(home.resolve("applets/sh"), Path.of("/bin/sh"));
    Files.writeString(home.resolve("wake"), "echo looked\n");
    Path line = Files.writeString(root.resolve("cmdline"), commandLine);
    Path script =
        Files.writeString(
            root.resolve("script"),
            text(DRACUT + "dormouse-wake.sh")
                .replace("/usr/lib/dormouse", home.toString())
                .replace("WAKE_FOLDER=/dormouse", "WAKE_FOLDER=" + root.resolve("wake-folder"))
                .replace("/proc/cmdline", line.toString()));
    return Command.of("sh", script, moment).run().strip();
  }

  @Test
  void dracutLooksEarlyWhereItIsKnownAndLateWhereNot() throws IOException {
    assertThat(wake("early", "root=x dormouse.resume=/dev/x")).isEqualTo("looked");
    assertThat(wake("late", "root=x dormouse.resume=/dev/x")).isEmpty();
    assertThat(wake("early", "root=x")).isEmpty();
    assertThat(wake("late", "root=x")).isEqualTo("looked");
    assertThat(wake("now", "root=x")).isEqualTo("looked");
    Files.writeString(root.resolve("usr/lib/dormouse/store"), "/dev/sda2@4096\n");
    assertThat(wake("early", "root=x")).isEqualTo("looked");
    assertThat(wake("late", "root=x")).isEmpty();
  }

  @Test
  void dracutLooksAgainForADiskThatWasNotThereInTime() throws IOException {
    Path folder = Files.createDirectories(root.resolve("wake-folder"));
    Files.createFile(folder.resolve("not-seen"));
    assertThat(wake("late", "root=x dormouse.resume=/dev/x")).isEqualTo("looked");
    assertThat(wake("early", "root=x dormouse.resume=/dev/x")).isEqualTo("looked");
  }
}
