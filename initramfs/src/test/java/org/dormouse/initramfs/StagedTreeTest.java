package org.dormouse.initramfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.airlift.compress.v3.lz4.Lz4NativeCompressor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dormouse.initramfs.probe.Probe;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stages a tree with a program once, and looks at it from all sides. */
class StagedTreeTest {
  @TempDir static Path folder;
  private static SoftwareTree staged;
  private static Path initramfs;
  private static Contents contents;

  @BeforeAll
  static void stage() throws Exception {
    Path codec = Jars.containing(Lz4NativeCompressor.class);
    Path probe = Jars.of(Probe.class, folder.resolve("probe.jar"));
    Program agent =
        new Program(
            "agent",
            Probe.class.getName(),
            List.of("probe.jar", codec.getFileName().toString()),
            JvmProfile.SAVER,
            Program.Launcher.PLAIN,
            List.of());
    // Used elsewhere than where it was made.
    Path first = folder.resolve("first");
    SoftwareTree.stage(JavaHome.running(), List.of(probe, codec), List.of(agent), first);
    staged = new SoftwareTree(Files.move(first, folder.resolve("second place")), List.of(agent));
    initramfs = folder.resolve("initramfs.zst");
    contents = Initramfs.saver(staged, agent).writeTo(initramfs);
  }

  @Test
  void aMovedTreeStillUsesItsAotCacheAndSaysNothingOfIt() throws Exception {
    List<String> words = new ArrayList<>(staged.command(staged.programs().getFirst()));
    words.add(1, "-XX:AOTMode=on");
    String output = new Command(words).run();
    assertThat(output).contains("first line of Java", "LZ4: ", "XXH: ").doesNotContain("[aot");
    assertThat(output.lines()).allMatch(line -> line.startsWith("probe: "));
  }

  @Test
  void theLauncherStartsTheProgramWhereverTheTreeIs() throws Exception {
    Path launcher = staged.folder().resolve("bin/agent");
    String output =
        Command.of("env", "DORMOUSE_HOME=" + staged.folder(), launcher.toString()).run();
    assertThat(output).contains("XXH: ");
    assertThat(launcher).content().contains(SoftwareTree.HOME).doesNotContain(folder.toString());
  }

  @Test
  void everyFileHasTheOneTime() throws IOException {
    try (var files = Files.walk(staged.folder())) {
      for (Path file : files.toList()) {
        assertThat(Files.getLastModifiedTime(file)).as(file.toString()).isEqualTo(Folders.TIME);
      }
    }
  }

  @Test
  void onlyTheLibrariesOfThisPlatformAreLeftInTheCodecsJar() throws Exception {
    Path jar = staged.folder().resolve("lib").resolve(staged.programs().getFirst().jars().get(1));
    assertThat(Files.size(jar)).isLessThan(1 << 20);
  }

  @Test
  void theInitramfsTellsItsUnpackedSizeAndWhatItIsMadeOf() throws IOException {
    assertThat(Initramfs.unpackedBytes(initramfs)).isEqualTo(contents.unpackedBytes());
    assertThat(contents.packedBytes()).isEqualTo(Files.size(initramfs));
    long shares = contents.shares().stream().mapToLong(Contents.Share::bytes).sum();
    // The rest is headers.
    assertThat(shares).isBetween(contents.unpackedBytes() * 99 / 100, contents.unpackedBytes());
    assertThat(contents.shares())
        .extracting(Contents.Share::name)
        .contains("Java virtual machine", "Java class library", "AOT cache", "jars", "C library");
  }

  @Test
  void theSameTreeGivesTheSameBytes() throws IOException {
    Path second = folder.resolve("second.zst");
    Initramfs.saver(staged, staged.programs().getFirst()).writeTo(second);
    assertThat(second).hasSameBinaryContentAs(initramfs);
  }

  @Test
  void anExtraProgramBringsItsLibraries() throws IOException {
    Initramfs with =
        Initramfs.saver(staged, staged.programs().getFirst())
            .with(new ExtraFile(Path.of("/usr/bin/env"), "/opt/tool"));
    var nodes = InitramfsNodes.of(with);
    assertThat(nodes.get("opt/tool")).isEqualTo(new Node.Copy(Path.of("/usr/bin/env"), true));
    assertThat(nodes).containsKeys("opt", "lib64/ld-linux-x86-64.so.2", "dev/console");
  }

  @Test
  void theBootInitramfsHasNoJavaAndIsNotCompressed() throws IOException {
    Path boot = folder.resolve("boot.cpio");
    Contents made = Initramfs.boot().writeTo(boot);
    assertThat(made.packedBytes()).isEqualTo(made.unpackedBytes()).isLessThan(6 << 20);
    assertThat(InitramfsNodes.of(Initramfs.boot()))
        .containsKeys("init", "usr/lib/dormouse/wake", "sbin/kexec", "bin/busybox")
        .doesNotContainKey("usr/lib/dormouse/runtime");
  }

  @Test
  void theSaverCanLoadItsWayBackWithoutJava() throws IOException {
    var nodes = InitramfsNodes.of(Initramfs.saver(staged, staged.programs().getFirst()));
    assertThat(nodes).containsKeys("init", "sbin/kexec", "bin/devmem", "bin/tee", "bin/mkfifo");
  }

  @Test
  void theScriptsAreWellFormed() throws Exception {
    for (String script : List.of("boot-init", "wake", "saver-init")) {
      Path path = Path.of(Initramfs.class.getResource(script).toURI());
      Command.of("/bin/busybox", "sh", "-n", path).run();
    }
  }

  @Test
  void noMachineCodeOfThisCpuIsInTheAotCache() {
    assertThat(JvmProfile.SAVER.flags()).contains("-XX:-AOTAdapterCaching", "-XX:-AOTStubCaching");
  }

  @Test
  void aTrainingThatFailsIsReportedWithWhatItPrinted() {
    Program broken =
        new Program(
            "broken",
            Probe.class.getName(),
            List.of("probe.jar"),
            JvmProfile.SAVER,
            Program.Launcher.PLAIN,
            List.of());
    assertThatThrownBy(() -> staged.train(broken))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("NoClassDefFoundError")
        .hasMessageContaining("Compressor");
  }

  @Test
  void aProgramWithoutItsJarIsRefusedBeforeAnythingTakesLong() {
    Program program =
        new Program(
            "agent",
            "Main",
            List.of("absent.jar"),
            JvmProfile.SAVER,
            Program.Launcher.PLAIN,
            List.of());
    Path target = folder.resolve("refused");
    assertThatThrownBy(
            () -> SoftwareTree.stage(JavaHome.running(), List.of(), List.of(program), target))
        .hasMessage("agent: absent.jar is not among the jars given");
    assertThat(target.resolve("runtime")).doesNotExist();
  }
}
