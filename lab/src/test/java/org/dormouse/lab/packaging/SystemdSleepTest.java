package org.dormouse.lab.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What systemd runs for a sleep, with hooks in a temporary folder and a command that only notes.
 */
class SystemdSleepTest {
  @TempDir Path folder;
  private Path hooks;
  private Path others;
  private String patience = "90";

  /** How it ended, and what it said. */
  private record Run(int code, String output) {}

  @BeforeEach
  void prepare() throws IOException {
    hooks = Files.createDirectories(folder.resolve("hooks"));
    others = folder.resolve("none");
    program(folder.resolve("systemd-sleep"), PackageTree.resource("systemd-sleep"));
    program(folder.resolve("dormouse"), "echo \"sleep $*\" >>$LOG; echo awake again");
  }

  private Path program(Path file, String script) throws IOException {
    Files.writeString(file, script.startsWith("#!") ? script : "#!/bin/sh\n" + script + "\n");
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Run sleep(String... arguments) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(folder.resolve("systemd-sleep").toString()).redirectErrorStream(true);
    builder.command().addAll(List.of(arguments));
    builder.environment().put("SLEEP_HOOKS", hooks + " " + others);
    builder.environment().put("SLEEP_DORMOUSE", folder.resolve("dormouse").toString());
    builder.environment().put("SLEEP_SYSTEMD", folder.resolve("nowhere").toString());
    builder.environment().put("SLEEP_PATIENCE", patience);
    builder.environment().put("SLEEP_FOLDER", folder.toString());
    builder.environment().put("LOG", folder.resolve("log").toString());
    Process process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return new Run(process.exitValue(), output);
  }

  private List<String> log() throws IOException {
    return Files.readAllLines(folder.resolve("log"));
  }

  @Test
  void hooksAreRunAroundTheSleepWithMomentAndAction() throws Exception {
    program(hooks.resolve("one"), "echo \"$1 $2 $SYSTEMD_SLEEP_ACTION\" >>$LOG");
    Files.writeString(hooks.resolve("not-a-program"), "echo never >>$LOG");
    others = Files.createDirectories(folder.resolve("others"));
    program(others.resolve("two"), "[ \"$1\" = pre ] && echo two >>$LOG.two");
    Run run = sleep("hibernate");
    assertThat(run.code()).isZero();
    assertThat(log())
        .containsExactly("pre hibernate hibernate", "sleep hibernate", "post hibernate hibernate");
    assertThat(folder.resolve("log.two")).exists();
    assertThat(run.output()).contains("awake again");
  }

  /** In the journal a line belongs to the unit of the process that has written it. */
  @Test
  void whatTheSleepSaysIsSaidByTheUnitItselfAndNobodyWaitsForWhoStays() throws Exception {
    program(
        folder.resolve("dormouse"),
        "readlink /proc/$$/fd/1; echo sleeping >&2; sleep 25 & echo awake again; exit 74");
    Run run = sleep("hibernate");
    assertThat(run.code()).isEqualTo(74);
    assertThat(run.output().lines())
        .hasSize(3)
        .endsWith("sleeping", "awake again")
        .noneMatch(line -> line.startsWith("pipe:"));
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).noneMatch(file -> file.getFileName().toString().startsWith("dormouse-sl"));
    }
  }

  @Test
  void hooksAreRunAllAtOnce() throws Exception {
    // Each waits until the other one runs.
    String meet =
        """
        touch "$LOG.$1.${0##*/}"
        for i in $(seq 100); do
          [ -e "$LOG.$1.OTHER" ] && exit 0
          sleep 0.1
        done
        exit 1
        """;
    program(hooks.resolve("a"), meet.replace("OTHER", "b"));
    program(hooks.resolve("b"), meet.replace("OTHER", "a"));
    assertThat(sleep("hibernate").output()).doesNotContain("exit code");
  }

  @Test
  void aHookThatFailsIsToldAndChangesNothing() throws Exception {
    program(hooks.resolve("bad"), "exit 7");
    Run run = sleep("hibernate");
    assertThat(run.code()).isZero();
    assertThat(run.output()).contains(hooks + "/bad pre hibernate: exit code 7");
    assertThat(log()).containsExactly("sleep hibernate");
  }

  @Test
  void aHookThatDoesNotEndIsKilledAndTheMachineSleeps() throws Exception {
    program(hooks.resolve("deaf"), "trap '' TERM; while :; do sleep 1; done");
    patience = "1";
    Run run = sleep("hibernate");
    assertThat(run.code()).isZero();
    assertThat(run.output()).contains(hooks + "/deaf pre hibernate: exit code 137");
    assertThat(log()).containsExactly("sleep hibernate");
  }

  @Test
  void aSleepThatFailsEndsTheUnitSoBehindTheHooks() throws Exception {
    program(folder.resolve("dormouse"), "echo 'dormouse: no store' >&2; exit 69");
    program(hooks.resolve("one"), "echo \"$1\" >>$LOG");
    Run run = sleep("hibernate");
    assertThat(run.code()).isEqualTo(69);
    assertThat(run.output()).contains("dormouse: no store");
    assertThat(log()).containsExactly("pre", "post");
  }

  @Test
  void aHybridSleepSuspendsOnTopOfTheImage() throws Exception {
    program(hooks.resolve("one"), "echo \"$1 $2 $SYSTEMD_SLEEP_ACTION\" >>$LOG");
    assertThat(sleep("hybrid-sleep").code()).isZero();
    assertThat(log())
        .containsExactly(
            "pre hybrid-sleep hybrid-sleep",
            "sleep hibernate --then suspend",
            "post hybrid-sleep hybrid-sleep");
  }

  @Test
  void otherActionsAreRefused() throws Exception {
    assertThat(sleep("suspend").code()).isEqualTo(2);
    assertThat(folder.resolve("log")).doesNotExist();
  }
}
