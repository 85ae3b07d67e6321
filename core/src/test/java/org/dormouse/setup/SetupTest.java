package org.dormouse.setup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.dormouse.loader.BootLoader;
import org.dormouse.machine.Finding;
import org.dormouse.text.ReportException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plans of setups are carried out, and taken back, in a folder that stands for a system's root. */
class SetupTest {
  private static final Path DROP_IN =
      Path.of("etc/systemd/system/systemd-hibernate.service.d/dormouse.conf");

  @TempDir Path folder;

  /** Does what others do, to files; and remembers what was run. */
  private static final class Recorder implements Setup.Acts {
    final List<List<String>> run = new ArrayList<>();
    Optional<String> failing = Optional.empty();

    @Override
    public void createStore(Path file, OptionalLong bytes) throws IOException {
      Files.writeString(file, "a store");
    }

    @Override
    public boolean deleteStore(Path file) throws IOException {
      return Files.deleteIfExists(file);
    }

    @Override
    public void makeSaver(Path initramfs, String release) throws IOException {
      Files.writeString(initramfs, "a saver for " + release);
      Files.writeString(initramfs.resolveSibling(initramfs.getFileName() + ".sha256"), "digest");
    }

    @Override
    public void run(List<String> command) throws IOException {
      if (failing.filter(command.getFirst()::equals).isPresent()) {
        throw new IOException(String.join(" ", command) + ": exit code 1");
      }
      run.add(command);
    }
  }

  private final Recorder acts = new Recorder();
  private final List<String> said = new ArrayList<>();

  private Setup setup(Path root) {
    return new Setup(root, acts, said::add);
  }

  /** A Debian with systemd and GRUB. */
  private static Path debian(Path root) throws IOException {
    for (String each :
        List.of(
            "run/systemd/system",
            "etc/kernel/postinst.d",
            "boot",
            "usr/bin",
            "usr/sbin",
            "var/lib")) {
      Files.createDirectories(root.resolve(each));
    }
    Files.writeString(root.resolve("usr/sbin/mkinitramfs"), "");
    Files.writeString(root.resolve("usr/bin/dpkg"), "");
    Files.writeString(
        root.resolve("etc/os-release"),
        "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\n");
    return root;
  }

  private static SetupFacts facts(Path root) throws IOException {
    return SetupFacts.observe(
        root, "6.12-x", new BootLoader.Other("none"), Optional.empty(), List.of());
  }

  private static SetupWishes wishes(Map<String, String> keys) {
    return new SetupWishes(
        Optional.of(new SetupWishes.Store("/dev/vda3", new SetupWishes.Kind.Present())), keys);
  }

  /** All files and folders by path, with what is in them and who may do what. */
  private static SortedMap<String, String> contents(Path root) throws IOException {
    SortedMap<String, String> found = new TreeMap<>();
    try (Stream<Path> all = Files.walk(root)) {
      for (Path each : all.toList()) {
        String mode =
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(each, LinkOption.NOFOLLOW_LINKS));
        found.put(
            root.relativize(each).toString(),
            mode
                + (Files.isRegularFile(each)
                    ? HexFormat.of().formatHex(Files.readAllBytes(each))
                    : ""));
      }
    }
    return found;
  }

  @Test
  void aDebianSleepsAsItsOwnAndIsAsBefore() throws Exception {
    Path root = debian(folder);
    Files.writeString(root.resolve("etc/dormouse.conf"), "# mine\n#store = x\nthen = reboot\n");
    SortedMap<String, String> before = contents(root);
    SetupFacts facts = facts(root);
    assertThat(facts.distribution().isLike("debian")).isTrue();

    setup(root).carryOut(SetupPlan.of(facts, wishes(Map.of("arm", "yes"))));

    assertThat(root.resolve("etc/dormouse.conf"))
        .content()
        .isEqualTo(
            "# mine\n#store = x\nstore = /dev/vda3\nthen = reboot\narm = yes\ninitramfs = yes\n");
    assertThat(root.resolve(DROP_IN))
        .content()
        .contains("[Service]\nExecStart=\nExecStart=/usr/lib/dormouse/systemd-sleep hibernate\n");
    assertThat(root.resolve("boot/dormouse-saver-6.12-x.img"))
        .content()
        .isEqualTo("a saver for 6.12-x");
    assertThat(root.resolve("etc/kernel/postinst.d/zz-dormouse")).isExecutable();
    assertThat(acts.run)
        .containsExactly(
            List.of("systemctl", "enable", "--quiet", "dormouse-arm.service"),
            List.of("systemctl", "daemon-reload"),
            List.of("systemctl", "try-restart", "systemd-logind.service"),
            List.of("update-initramfs", "-u", "-k", "all"));

    acts.run.clear();
    assertThat(setup(root).isDone()).isTrue();
    assertThat(setup(root).undo()).isTrue();
    assertThat(contents(root)).isEqualTo(before);
    assertThat(setup(root).isDone()).isFalse();
    // What is made of the files is made anew behind them.
    assertThat(acts.run)
        .containsExactly(
            List.of("systemctl", "disable", "--quiet", "dormouse-arm.service"),
            List.of("systemctl", "daemon-reload"),
            List.of("systemctl", "try-restart", "systemd-logind.service"),
            List.of("update-initramfs", "-u", "-k", "all"));
  }

  @Test
  void aSecondSetupChangesWhatIsOtherAndIsTakenBackWithTheFirst() throws Exception {
    Path root = debian(folder);
    SortedMap<String, String> before = contents(root);
    setup(root).carryOut(SetupPlan.of(facts(root), wishes(Map.of())));
    SetupPlan second = SetupPlan.of(facts(root), wishes(Map.of("arm", "yes")));
    assertThat(second.steps().stream().filter(SetupStep.WriteFile.class::isInstance))
        .hasSize(1)
        .allMatch(step -> step.describe().contains("/etc/dormouse.conf"));
    setup(root).carryOut(second);
    assertThat(setup(root).undo()).isTrue();
    assertThat(contents(root)).isEqualTo(before);
  }

  @Test
  void whatAPersonHasChangedSinceIsLeftAndSaid() throws Exception {
    Path root = debian(folder);
    setup(root).carryOut(SetupPlan.of(facts(root), wishes(Map.of())));
    Files.writeString(root.resolve("etc/dormouse.conf"), "store = /dev/sdb1\n");
    said.clear();

    assertThat(setup(root).undo()).isFalse();
    assertThat(said).contains("leave /etc/dormouse.conf: somebody has changed it since");
    assertThat(root.resolve("etc/dormouse.conf")).content().isEqualTo("store = /dev/sdb1\n");
    assertThat(root.resolve(DROP_IN)).doesNotExist();
    // Once it is gone there is nothing to be left any more.
    Files.delete(root.resolve("etc/dormouse.conf"));
    assertThat(setup(root).undo()).isTrue();
    assertThat(root.resolve("var/lib/dormouse")).doesNotExist();
  }

  @Test
  void whatFailsHalfWayIsTakenBackToo() throws Exception {
    Path root = debian(folder);
    SortedMap<String, String> before = contents(root);
    acts.failing = Optional.of("update-initramfs");
    assertThatThrownBy(() -> setup(root).carryOut(SetupPlan.of(facts(root), wishes(Map.of()))))
        .isInstanceOfSatisfying(
            ReportException.class,
            e -> assertThat(e.report().remedy()).contains("setup-machine --undo"));
    acts.failing = Optional.empty();
    assertThat(setup(root).undo()).isTrue();
    assertThat(contents(root)).isEqualTo(before);
  }

  @Test
  void aMachineThatCannotSleepIsRefusedWithItsReason() throws Exception {
    SetupFacts facts =
        SetupFacts.observe(
            debian(folder),
            "6.1",
            new BootLoader.Other("none"),
            Optional.empty(),
            List.of(Finding.bad("kexec jump", "built without CONFIG_KEXEC_JUMP", "build it")));
    assertThatThrownBy(() -> SetupPlan.of(facts, wishes(Map.of())))
        .hasMessage("built without CONFIG_KEXEC_JUMP");
    assertThat(FirstWake.steps(facts, Set.of())).first().isEqualTo("kexec jump: build it");
  }

  @Test
  void withoutAStoreItIsSaidHowToNameOne() throws Exception {
    SetupFacts facts = facts(debian(folder));
    assertThatThrownBy(() -> SetupPlan.of(facts, new SetupWishes(Optional.empty(), Map.of())))
        .isInstanceOfSatisfying(
            ReportException.class, e -> assertThat(e.report().remedy()).contains("--store"));
    assertThat(FirstWake.steps(facts, Set.of()))
        .anyMatch(step -> step.contains("dormouse setup-machine --store"))
        .anyMatch(step -> step.contains("systemctl hibernate"));
    assertThat(FirstWake.steps(facts, Set.of(FirstWake.Deed.SETUP, FirstWake.Deed.KEY)))
        .noneMatch(step -> step.contains("setup-machine"))
        .noneMatch(step -> step.contains("key create"));
  }

  @Test
  void grubIsToldWhereTheEntryIs() throws Exception {
    Path root = debian(folder);
    SetupFacts facts =
        SetupFacts.observe(
            root,
            "6.12-x",
            new BootLoader.Grub(Path.of("/boot/grub")),
            Optional.empty(),
            List.of());
    SetupPlan plan = SetupPlan.of(facts, wishes(Map.of("direct", "yes")));
    assertThat(plan.steps())
        .anyMatch(step -> step.describe().startsWith("write /etc/grub.d/42_dormouse"))
        .anyMatch(
            step -> step.describe().startsWith("run grub-mkconfig --output=/boot/grub/grub.cfg"));
    assertThatThrownBy(() -> SetupPlan.of(facts(root), wishes(Map.of("direct", "yes"))))
        .hasMessageContaining("no boot entry can be written");
  }

  @Test
  void aDesktopIsNotEnded() throws Exception {
    Path root = debian(folder);
    Files.createDirectories(root.resolve("run/systemd/sessions"));
    Files.writeString(root.resolve("run/systemd/sessions/2"), "UID=1000\nTYPE=wayland\n");
    SetupPlan plan = SetupPlan.of(facts(root), wishes(Map.of()));
    assertThat(plan.steps()).noneMatch(step -> step.describe().contains("try-restart"));
    assertThat(plan.notes()).anyMatch(note -> note.contains("after the next boot"));
  }

  /** Files that are there before, of those that a setup writes and of others. */
  @Provide
  Arbitrary<Map<String, String>> files() {
    Arbitrary<String> paths =
        Arbitraries.of(SetupPlan.FILES.stream().map(file -> file.toString().substring(1)).toList());
    Arbitrary<String> texts =
        Arbitraries.of("", "\n", "store = /x\n", "#arm = no\narm=yes\n", "no end of line", "é");
    return Combinators.combine(paths, texts)
        .as(Tuple::of)
        .list()
        .ofMaxSize(6)
        .map(
            pairs -> {
              Map<String, String> all = new TreeMap<>();
              pairs.forEach(pair -> all.put(pair.get1(), pair.get2()));
              return all;
            });
  }

  @Provide
  Arbitrary<Map<String, String>> keys() {
    return Arbitraries.maps(Arbitraries.of("arm", "then"), Arbitraries.of("yes", "no"))
        .ofMaxSize(2);
  }

  @Property(tries = 60)
  void undoAfterAnySetupsIsIdentity(
      @ForAll("files") Map<String, String> files,
      @ForAll("keys") Map<String, String> first,
      @ForAll("keys") Map<String, String> second)
      throws Exception {
    Path root = Files.createTempDirectory("setup");
    try {
      debian(root);
      for (Map.Entry<String, String> file : files.entrySet()) {
        Path path = root.resolve(file.getKey());
        Files.createDirectories(path.getParent());
        Files.writeString(path, file.getValue());
      }
      SortedMap<String, String> before = contents(root);
      Setup setup = new Setup(root, new Recorder(), _ -> {});
      setup.carryOut(SetupPlan.of(facts(root), wishes(first)));
      setup.carryOut(SetupPlan.of(facts(root), wishes(second)));
      setup.carryOut(SetupPlan.of(facts(root), wishes(second)));
      assertThat(setup.describeUndo()).noneMatch(line -> line.contains("leave"));
      assertThat(setup.undo()).isTrue();
      assertThat(contents(root)).isEqualTo(before);
    } finally {
      try (Stream<Path> all = Files.walk(root)) {
        for (Path each : all.toList().reversed()) {
          Files.delete(each);
        }
      }
    }
  }

  @Property
  void traceLinesAreReadAsTheyWereWritten(
      @ForAll("files") Map<String, String> files, @ForAll("keys") Map<String, String> words) {
    for (String file : files.keySet()) {
      for (SetupTrace trace :
          List.of(
              new SetupTrace.Wrote(Path.of("/" + file), "0a", Optional.empty()),
              new SetupTrace.Wrote(Path.of("/with blank/" + file), "0a", Optional.of("before.1")),
              new SetupTrace.MadeStore(Path.of("/" + file)),
              new SetupTrace.Refreshed(List.of("a", "b=" + words.size())))) {
        assertThat(SetupTrace.parse(trace.line())).isEqualTo(trace);
      }
    }
  }
}
