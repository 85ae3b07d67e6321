package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.dormouse.lab.guest.HostCommand;
import org.dormouse.lab.packaging.DebianPackage;
import org.dormouse.lab.setup.CacheFolder;
import org.dormouse.lab.setup.ConsoleReporter;
import org.dormouse.lab.setup.Setup;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Builds the package, and looks at it from all sides; boots no machine. */
class PackageIT {
  @TempDir static Path folder;
  private static Path built;
  private static Path unpacked;

  @BeforeAll
  static void build() throws Exception {
    CacheFolder cache = CacheFolder.fromEnvironment();
    ConsoleReporter reporter = ConsoleReporter.inLines(System.out);
    built =
        new DebianPackage(cache, reporter)
            .build(new Setup(cache, reporter).software(), Path.of("..", "docs"), folder);
    unpacked = folder.resolve("unpacked");
    run("dpkg-deb", "--raw-extract", built.toString(), unpacked.toString());
  }

  private static String run(String... words) throws IOException, InterruptedException {
    return HostCommand.check(List.of(words));
  }

  private static List<Path> files(String below) throws IOException {
    try (Stream<Path> found = Files.walk(unpacked.resolve(below))) {
      return found.filter(Files::isRegularFile).sorted().toList();
    }
  }

  @Test
  void itSaysWhatItIsAndWhatItNeeds() throws Exception {
    String fields = run("dpkg-deb", "--field", built.toString());
    assertThat(fields)
        .contains("Package: dormouse\n", "Architecture: amd64\n", "Recommends: initramfs-tools\n")
        .containsPattern(
            "\nDepends: busybox-static, kexec-tools, libc6 \\(>= 2\\.\\d+\\), libssl3, xz-utils\n");
    assertThat(built.getFileName().toString())
        .isEqualTo(
            "dormouse_" + run("dpkg-deb", "--field", built.toString(), "Version") + "_amd64.deb");
    assertThat(unpacked.resolve("DEBIAN/conffiles")).hasContent("/etc/dormouse.conf");
  }

  @Test
  void allBelongsToRootAndIsWritableForNobodyElse() throws Exception {
    assertThat(run("dpkg-deb", "--contents", built.toString()).lines())
        .allMatch(line -> line.matches("([d-]rw[x-]r-[x-]r-[x-]|lrwxrwxrwx) root/root .*"))
        .allMatch(line -> line.contains(" 2026-01-01 00:00 ") || line.startsWith("l"))
        .anyMatch(line -> line.endsWith("./usr/sbin/dormouse -> ../lib/dormouse/bin/dormouse"))
        .noneMatch(line -> line.contains("libcrypto"));
  }

  @Test
  void theSumsAreThoseOfTheFiles() throws Exception {
    run("sh", "-c", "cd \"$1\" && md5sum --quiet --check DEBIAN/md5sums", "sh", "" + unpacked);
  }

  @Test
  void everyJarIsNamedInTheCopyright() throws Exception {
    String copyright = Files.readString(unpacked.resolve("usr/share/doc/dormouse/copyright"));
    for (Path jar : files("usr/lib/dormouse/lib")) {
      String name = jar.getFileName().toString().replaceFirst("-[0-9].*", "");
      boolean ours = List.of("agent", "cli", "core", "initramfs").contains(name);
      assertThat(ours || copyright.contains("/" + name + "-*.jar")).as(name).isTrue();
    }
  }

  @Test
  void whatTheManualRefersToIsThere() {
    assertThat(unpacked.resolve("usr/share/doc/dormouse/docs/physical-mode.md"))
        .hasSameTextualContentAs(Path.of("..", "docs", "physical-mode.md"));
  }

  @Test
  void theManualIsRead() throws Exception {
    List<Path> pages = files("usr/share/man/man8");
    assertThat(pages).hasSizeGreaterThan(30);
    for (Path page : pages) {
      String name = page.getFileName().toString().replace(".8.gz", "");
      String read =
          run(
              "sh",
              "-euc",
              "gzip -dc \"$1\" | groff -K utf8 -ww -t -man -Tutf8 -P-cbou 2>&1",
              "sh",
              page.toString());
      assertThat(read).as(name).contains("NAME", name + " - ").doesNotContain("warning", "error:");
    }
  }

  @Test
  void theCompletionIsWhatBashSources() throws Exception {
    Path script = unpacked.resolve("usr/share/bash-completion/completions/dormouse");
    assertThat(run("bash", "-euc", ". \"$1\"; complete -p dormouse", "bash", script.toString()))
        .contains("-F _complete_dormouse");
  }

  @Test
  void theSystemsInitramfsCanHaveWhatWakes() throws Exception {
    for (String script :
        List.of(
            "hooks/dormouse", "scripts/local-top/dormouse", "scripts/local-premount/dormouse")) {
      Path file = unpacked.resolve("usr/share/initramfs-tools").resolve(script);
      assertThat(file).isExecutable();
      run("sh", "-n", file.toString());
      assertThat(run(file.toString(), "prereqs").strip()).isEmpty();
    }
    assertThat(unpacked.resolve("usr/lib/dormouse/wake")).isExecutable();
  }

  @Test
  void itsScriptsAreThoseOfAShell() throws Exception {
    for (String script : List.of("postinst", "prerm", "postrm")) {
      String file = unpacked.resolve("DEBIAN").resolve(script).toString();
      run("sh", "-n", file);
      assertThat(run(file, "upgrade", "1")).isEmpty();
    }
  }

  @Test
  void bothUnitsAreThereAndNeitherIsStarted() throws Exception {
    for (String unit : List.of("dormouse-arm.service", "dormouse-disarm.service")) {
      assertThat(unpacked.resolve("lib/systemd/system").resolve(unit)).isRegularFile();
    }
    try (Stream<Path> found = Files.walk(unpacked)) {
      assertThat(found).noneMatch(path -> path.toString().contains(".target.wants"));
    }
  }

  @Test
  void whatIsInstalledStartsWithoutAJdk() throws Exception {
    Path home = unpacked.resolve("usr/lib/dormouse");
    assertThat(
            run(
                "env",
                "-u",
                "JAVA_HOME",
                "DORMOUSE_HOME=" + home,
                "" + home.resolve("bin/dormouse"),
                "--version"))
        .startsWith("dormouse ");
  }

  @Test
  void lintianFindsNothing() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/lintian")), "lintian is not installed");
    HostCommand lintian =
        HostCommand.run(List.of("lintian", "--allow-root", "--fail-on", "none", "" + built));
    assertThat(lintian.output().lines().filter(line -> line.matches("[EW]: .*"))).isEmpty();
  }
}
