package org.dormouse.lab.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dormouse.lab.guest.HostCommand;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the package does when it is removed, with a command that only says what it is asked to. */
class RemovalTest {
  private static final String RECORD = "var/lib/dormouse/setup/record";
  private static final String DROP_IN =
      "etc/systemd/system/systemd-hibernate.service.d/dormouse.conf";

  @TempDir Path folder;
  private PackagedScript system;

  @BeforeEach
  void make() throws IOException {
    system = new PackagedScript(folder);
    loaded("0");
  }

  private void loaded(String number) throws IOException {
    system.write("sys/kernel/kexec_loaded", number + "\n");
  }

  /** What the command does besides writing down that it was called. */
  private void command(String behaviour) throws IOException {
    system.noting("usr/sbin/dormouse", behaviour);
  }

  /** A machine that was set up, and what the command does when that is taken back. */
  private void setUp(String undo) throws IOException {
    system.write(RECORD, "unit dormouse-disarm.service\nrun update-initramfs -u -k all\n");
    system.write(DROP_IN, "[Service]\n");
    system.write("etc/kernel/postinst.d/zz-dormouse", "#!/bin/sh\n");
    command("if [ \"$1\" = setup-machine ]; then\n" + undo + "\nfi");
  }

  private String takingBack() {
    return "rm -r " + system.at(DROP_IN) + " " + system.at("etc/kernel") + " " + system.at(RECORD);
  }

  @Test
  void whereNothingIsLoadedNorSetUpNothingIsDone() throws Exception {
    HostCommand done = system.run("prerm", "remove");
    assertThat(done.status()).as(done.output()).isZero();
    assertThat(done.output()).isEmpty();
    assertThat(system.calls()).containsExactly("dormouse store state");
  }

  @Test
  void anUpgradeLeavesAWarmSaverAlone() throws Exception {
    loaded("1");
    setUp("exit 1");
    assertThat(system.run("prerm", "upgrade", "2").status()).isZero();
    assertThat(system.calls()).isEmpty();
  }

  @Test
  void aWarmSaverIsUnloaded() throws Exception {
    loaded("1");
    assertThat(system.run("prerm", "remove").status()).isZero();
    assertThat(system.calls())
        .containsExactly(
            "dormouse kernel remove --all --dry-run",
            "dormouse store state",
            "dormouse kernel remove --all",
            "dormouse disarm --dry-run",
            "dormouse disarm");
  }

  @Test
  void kernelsThatSleepKeepThePackageAndAllThatWasSetUp() throws Exception {
    loaded("1");
    setUp(takingBack());
    command("case $1 in kernel) echo 'dormouse: the kernel b sleeps' >&2; exit 69 ;; esac");
    HostCommand done = system.run("prerm", "remove");
    assertThat(done.status()).isEqualTo(1);
    assertThat(done.output())
        .contains("the kernel b sleeps", "is not removed", "state: nothing", "to do: end");
    assertThat(system.calls()).containsExactly("dormouse kernel remove --all --dry-run");
    assertThat(system.at(DROP_IN)).exists();
  }

  @Test
  void whatSomebodyElseHasLoadedIsLeftToThem() throws Exception {
    loaded("1");
    command("case $1 in disarm) exit 69 ;; esac");
    assertThat(system.run("prerm", "remove").status()).isZero();
    assertThat(system.calls()).doesNotContain("dormouse disarm");
  }

  @Test
  void aSaverThatCannotBeUnloadedKeepsThePackageAndAllThatWasSetUp() throws Exception {
    loaded("1");
    setUp(takingBack());
    command("[ \"$*\" != disarm ]");
    HostCommand done = system.run("prerm", "remove");
    assertThat(done.status()).isEqualTo(1);
    assertThat(done.output()).contains("is not removed", "to do: dormouse disarm");
    assertThat(system.calls()).noneMatch(call -> call.contains("--undo"));
  }

  @Test
  void whatIsLoadedOutsideOfAChrootIsNotTouched() throws Exception {
    loaded("1");
    system.program("ischroot", "exit 0");
    assertThat(system.run("prerm", "remove").status()).isZero();
    assertThat(system.calls()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"COMPLETE", "REFUSED"})
  void anImageThatWaitsKeepsThePackageAndAllThatWakesIt(String state) throws Exception {
    loaded("1");
    setUp(takingBack());
    command("if [ \"$*\" = 'store state' ]; then echo " + state + "; fi");
    HostCommand done = system.run("prerm", "remove");
    assertThat(done.status()).isEqualTo(1);
    assertThat(done.output())
        .contains("is not removed", "(" + state + ")", "state: nothing", "dormouse image discard");
    assertThat(system.calls())
        .containsExactly("dormouse kernel remove --all --dry-run", "dormouse store state");
    assertThat(system.at(DROP_IN)).exists();
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "EMPTY", "WRITING", "CONSUMED", "DUMP"})
  void whatCannotBeWokenKeepsNothing(String state) throws Exception {
    command("if [ \"$*\" = 'store state' ]; then echo " + state + "; fi");
    HostCommand done = system.run("prerm", "remove");
    assertThat(done.status()).as(done.output()).isZero();
    assertThat(done.output()).isEmpty();
  }

  @Test
  void aStoreThatCannotBeLookedAtIsTold() throws Exception {
    command("if [ \"$1\" = store ]; then echo 'dormouse: the disk failed' >&2; exit 74; fi");
    HostCommand done = system.run("prerm", "remove");
    assertThat(done.status()).isZero();
    assertThat(done.output()).contains("the disk failed", "could not be seen", "to do: ");
  }

  @Test
  void whatWasSetUpIsTakenBackLast() throws Exception {
    loaded("1");
    setUp(takingBack());
    Files.createDirectories(system.at("run/systemd/system"));
    HostCommand done = system.run("prerm", "remove");
    assertThat(done.status()).as(done.output()).isZero();
    assertThat(system.calls())
        .endsWith(
            "dormouse disarm",
            "dormouse setup-machine --undo --yes",
            "deb-systemd-invoke stop dormouse-disarm.service");
  }

  @Test
  void anUndoThatFailsKeepsThePackage() throws Exception {
    setUp("echo 'dormouse: no room on the disk' >&2; exit 74");
    HostCommand done = system.run("prerm", "remove");
    assertThat(done.status()).isEqualTo(1);
    assertThat(done.output())
        .contains("no room on the disk", "not all of what", "is not removed")
        .contains(system.at(DROP_IN) + " " + system.at("etc/kernel/postinst.d/zz-dormouse"))
        .contains("  state: ", "  to do: ");
  }

  @Test
  void anUndoThatOnlyLeavesWhatHurtsNobodyIsTold() throws Exception {
    setUp(takingBack() + "; exit 1");
    HostCommand done = system.run("prerm", "remove");
    assertThat(done.status()).as(done.output()).isZero();
    assertThat(done.output()).contains("not all of what setup-machine did was taken back");
  }

  @Test
  void aPurgeTellsOfKeysAndLeavesThem() throws Exception {
    Path keys = Files.createDirectories(system.at("etc/dormouse"));
    Path run = Files.createDirectories(system.at("run/dormouse"));
    Path saver = system.write("boot/dormouse-saver.img", "");
    assertThat(system.run("postrm", "remove").output()).isEmpty();
    HostCommand done = system.run("postrm", "purge");
    assertThat(done.status()).isZero();
    assertThat(done.output()).contains("keys", "stay", "dormouse-saver.img");
    assertThat(keys).exists();
    assertThat(run).doesNotExist();
    assertThat(saver).exists();
  }
}
