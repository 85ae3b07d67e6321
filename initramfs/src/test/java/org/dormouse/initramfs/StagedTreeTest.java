package org.dormouse.initramfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.airlift.compress.v3.lz4.Lz4NativeCompressor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.dormouse.initramfs.probe.Probe;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Stages a tree with a program once, and looks at it from all sides. */
class StagedTreeTest {
  private static final String KERNEL = "dormouse.test.kernel";

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
  void aTrainingThatFailsIsReportedWithWhatItPrinted() {
    Program broken =
        new Program(
            "broken", Probe.class.getName(), List.of("probe.jar"), JvmProfile.SAVER, List.of());
    assertThatThrownBy(() -> staged.train(broken))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("NoClassDefFoundError")
        .hasMessageContaining("Compressor");
  }

  @Test
  void aProgramWithoutItsJarIsRefusedBeforeAnythingTakesLong() {
    Program program =
        new Program("agent", "Main", List.of("absent.jar"), JvmProfile.SAVER, List.of());
    Path target = folder.resolve("refused");
    assertThatThrownBy(
            () -> SoftwareTree.stage(JavaHome.running(), List.of(), List.of(program), target))
        .hasMessage("agent: absent.jar is not among the jars given");
    assertThat(target.resolve("runtime")).doesNotExist();
  }

  @Test
  @EnabledIfSystemProperty(named = KERNEL, matches = ".+")
  void aGuestBootsAndRunsJava() throws Exception {
    List<String> console = boot("dormouse.resume=/dev/none");
    assertThat(console)
        .anyMatch(line -> line.contains("first line of Java"))
        .anyMatch(line -> line.contains("XXH: "))
        .anyMatch(line -> line.contains("dormouse: no root="));
  }

  @Test
  @EnabledIfSystemProperty(named = KERNEL, matches = ".+")
  void aSaverThatReturnsRestartsTheMachine() throws Exception {
    List<String> console = boot("kexec_jump_back_entry=0x1000");
    assertThat(console)
        .anyMatch(line -> line.contains("XXH: "))
        .anyMatch(line -> line.contains("dormouse: the saver's agent ended with exit code 0"));
  }

  @Test
  @EnabledIfSystemProperty(named = KERNEL, matches = ".+")
  void withoutAnImageToLookForJavaIsNotStarted() throws Exception {
    assertThat(boot(""))
        .noneMatch(line -> line.contains("probe: "))
        .anyMatch(line -> line.contains("dormouse: no root="));
  }

  @Test
  @EnabledIfSystemProperty(named = KERNEL, matches = ".+")
  void withoutAnImageTheRootIsBootedAfterTheAgent() throws Exception {
    Path root = folder.resolve("root");
    Files.createDirectories(root.resolve("sbin"));
    for (String name : List.of("bin", "dev", "proc", "sys")) {
      Files.createDirectories(root.resolve(name));
    }
    Files.copy(Initramfs.DEBIAN_BUSYBOX, root.resolve("bin/sh"));
    Path init = root.resolve("sbin/init");
    Files.writeString(init, "#!/bin/sh\necho dormouse: booted\nread -r line\n");
    Files.setPosixFilePermissions(init, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path disk = folder.resolve("root.img");
    Command.of("/sbin/mke2fs", "-q", "-t", "ext4", "-d", root, disk, "16M").run();

    List<String> console =
        boot(
            "root=/dev/vda rw dormouse.resume=/dev/none",
            "-drive",
            "if=virtio,format=raw,file=" + disk);
    assertThat(console)
        .anyMatch(line -> line.contains("first line of Java"))
        .anyMatch(line -> line.contains("dormouse: booted"));
  }

  private static List<String> boot(String commandLine, String... devices) throws Exception {
    Path log = folder.resolve("console.log");
    List<String> words =
        new ArrayList<>(
            List.of(
                "qemu-system-x86_64",
                "-M",
                "q35",
                "-accel",
                "tcg,thread=multi",
                "-cpu",
                "max",
                "-m",
                "512",
                "-smp",
                "2",
                "-nographic",
                "-no-reboot",
                "-kernel",
                System.getProperty(KERNEL),
                "-initrd",
                initramfs.toString(),
                "-append",
                "console=ttyS0 quiet panic=-1 " + commandLine));
    words.addAll(List.of(devices));
    Process guest =
        new ProcessBuilder(words)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .redirectInput(Path.of("/dev/null").toFile())
            .start();
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!Files.readString(log).contains("dormouse: ") && System.nanoTime() < deadline) {
      if (guest.waitFor(200, TimeUnit.MILLISECONDS)) {
        break;
      }
    }
    guest.destroy();
    guest.waitFor();
    return Files.readString(log).lines().map(String::strip).toList();
  }
}
