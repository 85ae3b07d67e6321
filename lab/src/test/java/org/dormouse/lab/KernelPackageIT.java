package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.dormouse.initramfs.Folders;
import org.dormouse.lab.guest.HostCommand;
import org.dormouse.rebuild.KernelSource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code dormouse kernel build} with a very small configuration: told to end while it compiles, and
 * gone on; and the package that comes of it.
 */
@Tag("long")
class KernelPackageIT {
  private static final String SOURCE = "linux-source-6.12";
  private static final String RELEASE = "6\\.12\\.[0-9]+-dormouse";

  /** Compiled files, of some 900, after which it is told to end. */
  private static final int INTERRUPTED_AFTER = 100;

  /** What a configuration without anything is given: what the jump stands on, and a module. */
  private static final String FRAGMENT =
      """
      CONFIG_64BIT=y
      CONFIG_MODULES=y
      CONFIG_KEXEC=y
      CONFIG_SWAP=y
      CONFIG_SUSPEND=y
      CONFIG_HIBERNATION=y
      CONFIG_BLOCK=y
      CONFIG_BLK_DEV=y
      CONFIG_BLK_DEV_LOOP=m
      CONFIG_BLK_DEV_NBD=m
      CONFIG_NET=y
      """;

  @TempDir private Path folder;

  @Test
  @Timeout(value = 90, unit = TimeUnit.MINUTES)
  void goesOnWhereItWasInterruptedAndMakesAPackage() throws Exception {
    assumeTrue(KernelSource.isInstalled(SOURCE), SOURCE + " is not installed");
    Path configuration = smallConfiguration();
    Path work = folder.resolve("work");

    Process first = build(configuration, work, "first.log");
    while (objects(work).size() < INTERRUPTED_AFTER) {
      assertThat(first.isAlive()).as(Files.readString(folder.resolve("first.log"))).isTrue();
      Thread.sleep(200);
    }
    first.destroy();
    assertThat(first.waitFor()).isEqualTo(143);
    assertThat(compilers(work)).as("compilers that go on").isEmpty();
    List<Path> compiled = objects(work);
    List<Long> times = compiled.stream().map(file -> file.toFile().lastModified()).toList();

    Process second = build(configuration, work, "second.log");
    assertThat(second.waitFor()).as(Files.readString(folder.resolve("second.log"))).isZero();
    assertThat(Files.readString(folder.resolve("second.log")))
        .contains("goes on where it was interrupted")
        .doesNotContain("unpack")
        .doesNotContain("configure");
    long kept = 0;
    for (int i = 0; i < compiled.size(); i++) {
      kept += compiled.get(i).toFile().lastModified() == times.get(i) ? 1 : 0;
    }
    assertThat(kept)
        .as("files that were not compiled again")
        .isGreaterThan(compiled.size() * 9 / 10);

    checkPackage(only(work, ".deb"));
  }

  private void checkPackage(Path file) throws Exception {
    assertThat(HostCommand.check(List.of("dpkg-deb", "--field", "" + file, "Package")))
        .matches("linux-image-" + RELEASE);
    List<String> names =
        HostCommand.check(List.of("dpkg-deb", "--contents", "" + file))
            .lines()
            .map(line -> line.replaceFirst(".* \\./", "/"))
            .toList();
    assertThat(names)
        .anyMatch(name -> name.matches("/boot/vmlinuz-" + RELEASE))
        .anyMatch(name -> name.matches("/boot/System.map-" + RELEASE))
        .anyMatch(name -> name.matches("/lib/modules/" + RELEASE + "/kernel/drivers/block/loop.ko"))
        .anyMatch(name -> name.matches("/lib/modules/" + RELEASE + "/modules.dep"))
        .noneMatch(name -> name.contains("nbd.ko"))
        .noneMatch(name -> name.endsWith("/build"));
    Path unpacked = folder.resolve("unpacked");
    HostCommand.check(List.of("dpkg-deb", "--raw-extract", "" + file, "" + unpacked));
    Path boot = unpacked.resolve("boot");
    assertThat(Files.readString(only(boot, "-dormouse", "config-")).lines())
        .contains(
            "CONFIG_KEXEC_JUMP=y", "CONFIG_BLK_DEV_LOOP=m", "# CONFIG_BLK_DEV_NBD is not set");
    // Offset 0x202 of a bzImage: Documentation/arch/x86/boot.rst.
    assertThat(Files.readString(only(boot, "-dormouse", "System.map-"))).contains("kernel_kexec");
    byte[] image = Files.readAllBytes(only(boot, "-dormouse", "vmlinuz-"));
    assertThat(new String(image, 0x202, 4, StandardCharsets.US_ASCII)).isEqualTo("HdrS");
    assertThat(unpacked.resolve("DEBIAN/postinst")).isExecutable();
  }

  private Process build(Path configuration, Path work, String log) throws IOException {
    Path modules = Files.writeString(folder.resolve("modules"), "loop\n");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "org.dormouse.cli.Main"));
    command.addAll(
        List.of(
            "kernel",
            "build",
            "--yes",
            "--config",
            configuration.toString(),
            "--modules",
            modules.toString(),
            "--folder",
            work.toString()));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve(log).toFile())
        .start();
  }

  /** The kernel's own tools make it, of a source without the files that are compiled. */
  private Path smallConfiguration() throws Exception {
    Path scratch = Files.createDirectory(folder.resolve("scratch"));
    HostCommand.check(
        List.of(
            "tar",
            "--extract",
            "--xz",
            "--directory=" + scratch,
            "--exclude=*/drivers/*.[ch]",
            "--exclude=*/Documentation/*.rst",
            "--exclude=*/dts/*",
            "--file=/usr/src/" + SOURCE + ".tar.xz"));
    Path fragment = Files.writeString(folder.resolve("fragment"), FRAGMENT);
    Path tree = scratch.resolve(SOURCE);
    HostCommand.check(
        List.of("make", "-C", "" + tree, "allnoconfig", "KCONFIG_ALLCONFIG=" + fragment));
    Path made = Files.move(tree.resolve(".config"), folder.resolve("small.config"));
    Folders.delete(scratch);
    return made;
  }

  /** What has been compiled of the kernel itself. */
  private static List<Path> objects(Path work) {
    List<Path> found = new ArrayList<>();
    for (String part : List.of("kernel", "mm", "arch/x86", "init")) {
      try (Stream<Path> all = Files.list(work)) {
        for (Path tree :
            all.filter(each -> each.getFileName().toString().startsWith("tree-")).toList()) {
          found.addAll(objectsBelow(tree.resolve(part)));
        }
      } catch (IOException | UncheckedIOException e) {
        // It is being unpacked, or a file has gone meanwhile: looked at again.
        return List.of();
      }
    }
    return found;
  }

  private static List<Path> objectsBelow(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(each -> each.toString().endsWith(".o"))
          .filter(each -> !each.getFileName().toString().startsWith("."))
          .toList();
    }
  }

  /** The processes that work in the folder. */
  private static List<String> compilers(Path work) {
    return ProcessHandle.allProcesses()
        .filter(process -> isIn(Path.of("/proc", Long.toString(process.pid()), "cwd"), work))
        .map(process -> process.info().commandLine().orElse("?"))
        .toList();
  }

  private static boolean isIn(Path link, Path folder) {
    try {
      return Files.readSymbolicLink(link).startsWith(folder);
    } catch (IOException e) {
      // It has ended.
      return false;
    }
  }

  private static Path only(Path folder, String end) throws IOException {
    return only(folder, end, "");
  }

  private static Path only(Path folder, String end, String beginning) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      List<Path> found =
          all.filter(each -> each.getFileName().toString().endsWith(end))
              .filter(each -> each.getFileName().toString().startsWith(beginning))
              .toList();
      assertThat(found).hasSize(1);
      return found.getFirst();
    }
  }
}
