package org.dormouse.lab.setup;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The launcher script in a source tree of a few files, with a Maven, a JDK and a package manager
 * that only say what they are asked to do.
 */
class LauncherTest {
  private static final int EX_USAGE = 64;
  private static final int EX_UNAVAILABLE = 69;
  private static final int EX_SOFTWARE = 70;
  private static final int EX_CANTCREAT = 73;
  private static final int EX_NOPERM = 77;

  @TempDir Path folder;
  private Path tree;
  private Path jdk;
  private Path bin;
  private Path cache;

  private record Outcome(int exitCode, String out, String err) {}

  @BeforeEach
  void makeTree() throws IOException {
    tree = Files.createDirectories(folder.resolve("a tree"));
    jdk = folder.resolve("jdk");
    bin = Files.createDirectories(folder.resolve("bin"));
    cache = folder.resolve("cache");
    Files.writeString(
        tree.resolve("dormouse"), Files.readString(Path.of("..", "dormouse").toRealPath()));
    executable(tree.resolve("dormouse"));
    Files.writeString(tree.resolve("pom.xml"), "");
    for (String module : List.of("core", "lab")) {
      Files.createDirectories(tree.resolve(module + "/src/main"));
      Files.writeString(tree.resolve(module + "/pom.xml"), "");
      Files.writeString(tree.resolve(module + "/src/main/Source.java"), "");
    }
    for (String tool : List.of("javac", "jlink")) {
      script(jdk.resolve("bin/" + tool), "");
    }
    script(jdk.resolve("bin/java"), "echo java; for word; do echo \"word=$word\"; done");
    Files.writeString(jdk.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"25.0.1\"\n");
    maven("");
  }

  /**
   * What the fake Maven does besides saying that it was called, and how a build leaves the tree.
   */
  private void maven(String behaviour) throws IOException {
    script(
        bin.resolve("mvn"),
        """
        echo "begin JAVA_HOME=$JAVA_HOME $*" >> "%s"
        %s
        mkdir -p lab/target/lib
        touch lab/target/lab-1.jar
        echo end >> "%s"
        """
            .formatted(mavenLog(), behaviour, mavenLog()));
  }

  private Path mavenLog() {
    return folder.resolve("maven.log");
  }

  private List<String> mavenCalls() throws IOException {
    return Files.exists(mavenLog()) ? Files.readAllLines(mavenLog()) : List.of();
  }

  private static void script(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/bin/bash\n" + text + "\n");
    executable(file);
  }

  private static void executable(Path file) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** Changes a line of the script under test. */
  private void edit(String line, String other) throws IOException {
    Path script = tree.resolve("dormouse");
    String text = Files.readString(script);
    assertThat(text).contains(line);
    Files.writeString(script, text.replace(line, other));
  }

  private Process start(Path launcher, String... arguments) throws IOException {
    var command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    var environment = builder.environment();
    environment.put("PATH", bin + ":/usr/sbin:/usr/bin:/sbin:/bin");
    environment.put("JAVA_HOME", jdk.toString());
    environment.put("XDG_CACHE_HOME", cache.toString());
    return builder.start();
  }

  private static Outcome end(Process process) throws IOException, InterruptedException {
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), UTF_8);
    String err = new String(process.getErrorStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    return new Outcome(process.exitValue(), out, err);
  }

  private Outcome run(String... arguments) throws IOException, InterruptedException {
    return end(start(tree.resolve("dormouse"), arguments));
  }

  /** The error that the output ends with: what happened, what state things are in, what to do. */
  private static void assertThreeParts(
      Outcome outcome, int exitCode, String happened, String state, String advice) {
    assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(exitCode);
    String error = outcome.err().substring(outcome.err().indexOf("dormouse: "));
    List<String> lines = error.lines().toList();
    assertThat(lines).hasSizeGreaterThanOrEqualTo(3);
    assertThat(lines.get(0)).contains(happened);
    assertThat(lines.get(1)).startsWith("  ").contains(state);
    assertThat(String.join("\n", lines.subList(2, lines.size()))).startsWith("  ").contains(advice);
  }

  @Test
  void buildsAndThenRunsTheCommandWithItsArguments() throws Exception {
    Outcome outcome = run("doctor", "--json", "two words");

    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.out())
        .contains("word=" + tree + "/lab/target/lab-1.jar:" + tree + "/lab/target/lib/*\n")
        .endsWith("word=org.dormouse.lab.Main\nword=doctor\nword=--json\nword=two words\n");
    assertThat(outcome.err()).contains("Maven build ...").containsPattern("Maven build: .* s\n");
    assertThat(mavenCalls()).first().asString().contains("JAVA_HOME=" + jdk, "package");
  }

  @Test
  void worksThroughASymbolicLinkFromAnotherFolder() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("link"), tree.resolve("dormouse"));
    assertThat(end(start(link, "doctor")).exitCode()).isZero();
    assertThat(tree.resolve("lab/target/lib")).isDirectory();
  }

  @Test
  void buildsAgainOnlyWhenSomethingHasChanged() throws Exception {
    run("doctor");
    assertThat(run("doctor").err()).isEmpty();
    assertThat(mavenCalls()).hasSize(2);

    FileTime later = FileTime.from(Instant.now().plusSeconds(5));
    Files.setLastModifiedTime(tree.resolve("core/src/main/Source.java"), later);
    run("doctor");
    assertThat(mavenCalls()).hasSize(4);
  }

  @Test
  void aDeletedSourceFileIsAChange() throws Exception {
    run("doctor");
    Files.delete(tree.resolve("core/src/main/Source.java"));
    run("doctor");
    assertThat(mavenCalls()).hasSize(4);
  }

  @Test
  void twoAtOnceDoNotBuildIntoEachOther() throws Exception {
    maven("sleep 0.5");
    Process first = start(tree.resolve("dormouse"), "doctor");
    Process second = start(tree.resolve("dormouse"), "doctor");
    Outcome a = end(first);
    Outcome b = end(second);

    assertThat(a.exitCode() + b.exitCode()).isZero();
    assertThat(a.err() + b.err()).contains("Waiting for another dormouse");
    assertThat(mavenCalls()).hasSize(2);
  }

  @Test
  void helpNeedsNothing() throws Exception {
    edit("readonly JDK_WANTED=25", "readonly JDK_WANTED=999");
    Outcome outcome = run();
    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.out()).contains("./dormouse demo", "./dormouse test");
    assertThat(cache).doesNotExist();
  }

  @Test
  void withoutAJdkItSaysWhatToInstall() throws Exception {
    edit("readonly JDK_WANTED=25", "readonly JDK_WANTED=999");
    assertThreeParts(
        run("demo"), EX_UNAVAILABLE, "no JDK 999", "Nothing has been changed", "openjdk-999-jdk");
  }

  @Test
  void aJreIsNoJdk() throws Exception {
    edit("readonly JDK_WANTED=25", "readonly JDK_WANTED=999");
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"999\"\n");
    assertThat(run("doctor").exitCode()).isZero();
    Files.delete(jdk.resolve("bin/jlink"));
    assertThat(run("doctor").exitCode()).isEqualTo(EX_UNAVAILABLE);
  }

  @Test
  void aMissingPackageIsNamed() throws Exception {
    edit("build  binutils           as\n", "build  no-such-package  no-such-command\n");
    script(bin.resolve("dpkg-query"), "exit 1");
    script(bin.resolve("apt-get"), "echo 'E: Failed to fetch no-such-package'; exit 100");
    if (isRoot()) {
      assertThreeParts(
          run("doctor"), EX_UNAVAILABLE, "no-such-package", "E: Failed to fetch", "network");
    } else {
      assertThreeParts(
          run("doctor"), EX_NOPERM, "no-such-package", "Nothing has been", "sudo apt-get install");
    }
    assertThat(mavenCalls()).isEmpty();
  }

  @Test
  void whereThereIsNoAptItListsWhatToInstall() throws Exception {
    edit("build  binutils           as\n", "build  no-such-package  no-such-command\n");
    edit("type -P apt-get", "type -P no-apt-get");
    assertThreeParts(
        run("doctor"), EX_UNAVAILABLE, "no-such-package", "not a Debian system", "Install");
  }

  private static boolean isRoot() {
    return System.getProperty("user.name").equals("root");
  }

  @Test
  void aFailedBuildShowsItsErrorsAndIsTriedAgain() throws Exception {
    maven("echo '[INFO] much'; echo '[ERROR] Source.java:[1,2] broken'; exit 1");
    Outcome failed = run("doctor");
    assertThreeParts(failed, EX_SOFTWARE, "Maven build failed", "build.log", "bug report");
    assertThat(failed.err()).contains("Source.java:[1,2] broken").doesNotContain("much");

    maven("");
    assertThat(run("doctor").exitCode()).isZero();
  }

  @Test
  void aBuildWithoutNetworkSaysSo() throws Exception {
    maven("echo '[ERROR] Could not transfer artifact: UnknownHostException'; exit 1");
    assertThreeParts(
        run("doctor"), EX_UNAVAILABLE, "could not download", "stays", "Check the network");
  }

  @Test
  void aFullDiskIsNoticedBeforeTheBuild() throws Exception {
    edit("readonly TREE_MIB=100", "readonly TREE_MIB=999999999");
    assertThreeParts(
        run("doctor"), EX_CANTCREAT, "needs 999999999 MiB", "Nothing has been built", "Free some");
    assertThat(mavenCalls()).isEmpty();
  }

  @Test
  void aCacheFolderThatCannotBeMadeIsNamed() throws Exception {
    cache = Path.of("/dev/null/cache");
    assertThreeParts(
        run("doctor"), EX_CANTCREAT, "/dev/null/cache/dormouse", "Nothing", "XDG_CACHE_HOME");
  }

  @Test
  void testRunsTheSetUpAndThenMavenVerify() throws Exception {
    edit("lab    ", "unused ");
    Outcome outcome = run("test", "-Dx=y");

    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.out()).contains("word=org.dormouse.lab.setup.SetupMain");
    assertThat(mavenCalls()).hasSize(4);
    assertThat(mavenCalls().get(2)).endsWith("verify -Dx=y");
  }

  @Test
  void aPackageNeedsNoMachines() throws Exception {
    edit(
        "lab    qemu-system-x86    qemu-system-x86_64\n",
        "lab  no-such-package  no-such-command\n");
    edit("package asciidoctor       asciidoctor\n", "");
    Outcome outcome = run("package", "--output", "folder");

    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.out())
        .endsWith(
            "word=org.dormouse.lab.Main\nword=package\nword=--docs\nword="
                + tree
                + "/docs\nword=--output\nword=folder\n");
  }

  @Test
  void aRealDebianWithDebiansKernelNeedsWhatEachOfThemNeeds() throws Exception {
    edit("lab    ", "unused ");
    edit("readonly LAB_MIB=2048", "readonly LAB_MIB=1");
    edit("type -P apt-get", "type -P no-apt-get");
    edit(
        "debian libssl-dev         /usr/include/openssl/opensslv.h\n",
        "debian  a-header  a-file\n");
    edit("real   mtools             mcopy\n", "real  a-package  a-command\n");

    String missing = run("demo", "--debian", "--kernel", "debian").err();
    assertThat(missing).contains("a-header", "a-package");
    assertThat(run("demo", "--kernel=debian").err()).contains("a-header").doesNotContain("a-p");
    assertThat(run("demo", "--debian").err()).contains("a-package").doesNotContain("a-header");
  }

  @Test
  void fuzzTriesOneTargetAsLongAsItIsToldTo() throws Exception {
    edit("lab    ", "unused ");
    Outcome outcome = run("fuzz", "--minutes", "3", "header");

    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(mavenCalls().get(2))
        .contains("surefire:test@fuzz", "-Dfuzz.targets=HeaderFuzz", "-Dfuzz.time=3m");
  }

  @Test
  void fuzzDoesNothingWithWhatItDoesNotUnderstand() throws Exception {
    assertThreeParts(run("fuzz", "milk"), EX_USAGE, "milk", "Nothing", "--help");
    assertThreeParts(run("fuzz", "--minutes", "0"), EX_USAGE, "--minutes", "Nothing", "--help");
    assertThreeParts(run("fuzz", "--minutes"), EX_USAGE, "--minutes", "Nothing", "--help");
    assertThat(run("fuzz", "--help").out()).contains("--minutes", "header", "kernel");
    assertThat(mavenCalls()).isEmpty();
  }
}
