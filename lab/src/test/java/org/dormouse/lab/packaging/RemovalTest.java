package org.dormouse.lab.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.dormouse.lab.guest.HostCommand;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the package does when it is removed, with a command that only says what it is asked to. */
class RemovalTest {
  @TempDir Path folder;

  @BeforeEach
  void make() throws IOException {
    write("kexec_loaded", "0\n");
    write("cmdline", "root=/dev/vda quiet\n");
    write("dormouse.conf", "# none\n");
    command("");
    script("ischroot", "exit 1");
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private void script(String name, String text) throws IOException {
    Path file = write(name, "#!/bin/sh\n" + text + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** What the command does besides writing down that it was called. */
  private void command(String behaviour) throws IOException {
    script("dormouse", "echo \"$*\" >>\"" + folder.resolve("calls") + "\"\n" + behaviour);
  }

  private List<String> calls() throws IOException {
    Path calls = folder.resolve("calls");
    return Files.exists(calls) ? Files.readAllLines(calls) : List.of();
  }

  private HostCommand run(String name, String... arguments) throws Exception {
    String text =
        PackageTree.resource(name)
            .replace("/sys/kernel/kexec_loaded", folder + "/kexec_loaded")
            .replace("/usr/sbin/dormouse", folder + "/dormouse")
            .replace("/proc/cmdline", folder + "/cmdline")
            .replace("/etc/dormouse.conf", folder + "/dormouse.conf")
            .replace("/etc/dormouse ", folder + "/keys ")
            .replace("/run/dormouse", folder + "/run")
            .replace("/var/lib/dormouse", folder + "/lib")
            .replace("/boot/", folder + "/")
            .replace("ischroot", folder + "/ischroot")
            .replace("-b \"$store\"", "-f \"$store\"");
    Path script = write(name, text);
    List<String> words = new ArrayList<>(List.of("sh", script.toString()));
    words.addAll(List.of(arguments));
    return HostCommand.run(words);
  }

  @Test
  void whereNothingIsLoadedNothingIsDone() throws Exception {
    HostCommand done = run("prerm", "remove");
    assertThat(done.status()).isZero();
    assertThat(done.output()).isEmpty();
    assertThat(calls()).isEmpty();
  }

  @Test
  void anUpgradeLeavesAWarmSaverAlone() throws Exception {
    write("kexec_loaded", "1\n");
    assertThat(run("prerm", "upgrade", "2").status()).isZero();
    assertThat(calls()).isEmpty();
  }

  @Test
  void aWarmSaverIsUnloaded() throws Exception {
    write("kexec_loaded", "1\n");
    assertThat(run("prerm", "remove").status()).isZero();
    assertThat(calls()).containsExactly("kernel remove --all", "disarm --dry-run", "disarm");
  }

  @Test
  void kernelsThatSleepKeepThePackage() throws Exception {
    write("kexec_loaded", "1\n");
    command("case $1 in kernel) echo 'dormouse: the kernel b sleeps' >&2; exit 69 ;; esac");
    HostCommand done = run("prerm", "remove");
    assertThat(done.status()).isEqualTo(1);
    assertThat(done.output()).contains("the kernel b sleeps", "is not removed", "to do: end");
    assertThat(calls()).containsExactly("kernel remove --all");
  }

  @Test
  void whatSomebodyElseHasLoadedIsLeftToThem() throws Exception {
    write("kexec_loaded", "1\n");
    command("case $1 in disarm) exit 69 ;; esac");
    HostCommand done = run("prerm", "remove");
    assertThat(done.status()).isZero();
    assertThat(calls()).doesNotContain("disarm");
  }

  @Test
  void aSaverThatCannotBeUnloadedKeepsThePackage() throws Exception {
    write("kexec_loaded", "1\n");
    command("[ \"$*\" != disarm ]");
    HostCommand done = run("prerm", "remove");
    assertThat(done.status()).isEqualTo(1);
    assertThat(done.output()).contains("is not removed", "to do: dormouse disarm");
  }

  @Test
  void whatIsLoadedOutsideOfAChrootIsNotTouched() throws Exception {
    write("kexec_loaded", "1\n");
    script("ischroot", "exit 0");
    assertThat(run("prerm", "remove").status()).isZero();
    assertThat(calls()).isEmpty();
  }

  @Test
  void anImageThatWaitsIsToldOfAndLeftAlone() throws Exception {
    Path store = write("store", "DORMOUSE 3\nstate=COMPLETE\nimage=1\n\0\0\0");
    write("dormouse.conf", "#store = /x\n  store =  " + store + "  \n");
    HostCommand done = run("prerm", "remove");
    assertThat(done.status()).isZero();
    assertThat(done.output()).contains("lies on " + store, "left alone", "to do: ");
    assertThat(store).hasContent("DORMOUSE 3\nstate=COMPLETE\nimage=1\n\0\0\0");

    write("store", "DORMOUSE 3\nstate=CONSUMED\n\0\0\0");
    assertThat(run("prerm", "remove").output()).isEmpty();
  }

  @Test
  void theKernelsCommandLineSaysWhichStoreItIs() throws Exception {
    Path store = write("store", "DORMOUSE 3\nstate=REFUSED\n\0\0\0");
    write("cmdline", "quiet dormouse.resume=" + store + " panic=9\n");
    write("dormouse.conf", "store = /dev/null\n");
    assertThat(run("prerm", "remove").output()).contains("lies on " + store);
  }

  @Test
  void aPurgeTellsOfKeysAndLeavesThem() throws Exception {
    Path keys = Files.createDirectory(folder.resolve("keys"));
    Path run = Files.createDirectory(folder.resolve("run"));
    write("dormouse-saver.img", "");
    assertThat(run("postrm", "remove").output()).isEmpty();
    HostCommand done = run("postrm", "purge");
    assertThat(done.status()).isZero();
    assertThat(done.output()).contains("keys", "stay", "dormouse-saver.img");
    assertThat(keys).exists();
    assertThat(run).doesNotExist();
    assertThat(folder.resolve("dormouse-saver.img")).exists();
  }
}
