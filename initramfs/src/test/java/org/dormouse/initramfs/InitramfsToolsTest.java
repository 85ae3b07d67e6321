package org.dormouse.initramfs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is installed for the tools that make a system's own initramfs. */
class InitramfsToolsTest {
  private static final String DRACUT = "usr/lib/dracut/modules.d/45dormouse/";
  private static final Pattern APPLETS = Pattern.compile("applets='([^']*)'");

  @TempDir Path root;

  @BeforeEach
  void install() throws IOException {
    InitramfsTools.writeTo(root);
  }

  private String text(String path) throws IOException {
    return Files.readString(root.resolve(path));
  }

  private List<String> applets(String path) throws IOException {
    Matcher found = APPLETS.matcher(text(path));
    assertThat(found.find()).as(path).isTrue();
    return Arrays.asList(found.group(1).strip().split("\\s+"));
  }

  @Test
  void allToolsTakeTheSameProgramsAlong() throws IOException {
    List<String> debian = applets("usr/share/initramfs-tools/hooks/dormouse");
    assertThat(debian).contains("sh", "dd", "sha256sum");
    assertThat(applets(DRACUT + "module-setup.sh")).isEqualTo(debian);
    assertThat(applets("usr/lib/initcpio/install/dormouse")).isEqualTo(debian);
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
            DRACUT + "dormouse-wake.sh",
            DRACUT + "dormouse-pre-mount.sh",
            "usr/lib/initcpio/hooks/dormouse")) {
      Command.of("sh", "-n", root.resolve(script)).run();
    }
    for (String script : List.of(DRACUT + "module-setup.sh", "usr/lib/initcpio/install/dormouse")) {
      Command.of("bash", "-n", root.resolve(script)).run();
    }
  }

  @Test
  void dracutsModuleIsOnlyTakenIfAPersonHasSaidSo() throws IOException {
    // check() of a machine without the configuration: 255, as dracut.modules(7) has it.
    String check = ". '" + root.resolve(DRACUT + "module-setup.sh") + "'; check; echo $?";
    assertThat(Command.of("bash", "-c", check).run().strip()).isEqualTo("255");
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
}
