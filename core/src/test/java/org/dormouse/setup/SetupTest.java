package org.dormouse.setup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
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
    int bootEntriesLaidOut;
    int bootEntriesRemoved;

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
    public void layOutBootEntry() {
      bootEntriesLaidOut++;
    }

    @Override
    public void removeBootEntry() throws IOException {
      if (failing.filter("boot loader"::equals).isPresent()) {
        throw new IOException("the boot loader's partition cannot be written to");
      }
      bootEntriesRemoved++;
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
            List.of("systemctl", "enable", "--quiet", "--now", "dormouse-disarm.service"),
            List.of("systemctl", "enable", "--quiet", "dormouse-arm.service"),
            List.of("systemctl", "daemon-reload"),
            List.of("systemctl", "try-restart", "systemd-logind.service"),
            List.of("update-initramfs", "-u", "-k", "all"));

    acts.run.clear();
    assertThat(setup(root).isDone()).isTrue();
    assertThat(setup(root).undo().isWhole()).isTrue();
    assertThat(contents(root)).isEqualTo(before);
    assertThat(setup(root).isDone()).isFalse();
    // What is made of the files is made anew behind them.
    assertThat(acts.run)
        .containsExactly(
            List.of("systemctl", "disable", "--quiet", "--now", "dormouse-arm.service"),
            List.of("systemctl", "disable", "--quiet", "--now", "dormouse-disarm.service"),
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
    assertThat(second.steps()).noneMatch(SetupStep.WriteFile.class::isInstance);
    assertThat(second.steps())
        .anyMatch(step -> step.describe().equals("set arm in /etc/dormouse.conf"));
    setup(root).carryOut(second);
    assertThat(setup(root).undo().isWhole()).isTrue();
    assertThat(contents(root)).isEqualTo(before);
  }

  @Test
  void whatAPersonHasChangedSinceIsLeftAndSaid() throws Exception {
    Path root = debian(folder);
    setup(root).carryOut(SetupPlan.of(facts(root), wishes(Map.of())));
    Files.writeString(root.resolve(DROP_IN), "[Service]\nExecStart=/bin/true\n");
    said.clear();

    assertThat(setup(root).undo().isWhole()).isFalse();
    assertThat(said).contains("leave /" + DROP_IN + ": somebody has changed it since");
    assertThat(root.resolve(DROP_IN)).content().contains("ExecStart=/bin/true");
    assertThat(root.resolve("etc/kernel/postinst.d/zz-dormouse")).doesNotExist();
    assertThat(root.resolve("etc/dormouse.conf")).doesNotExist();
    // Once it is gone there is nothing to be left any more.
    Files.delete(root.resolve(DROP_IN));
    assertThat(setup(root).undo().isWhole()).isTrue();
    assertThat(root.resolve("var/lib/dormouse")).doesNotExist();
    assertThat(root.resolve(DROP_IN).getParent()).doesNotExist();
  }

  private static Path conf(Path root) {
    return root.resolve("etc/dormouse.conf");
  }

  @Test
  void whatAPersonHasWrittenIntoTheSettingsStaysAndOnlyOurKeysGo() throws Exception {
    Path root = debian(folder);
    Files.writeString(conf(root), "# mine\n#store = x\narm=no");
    setup(root).carryOut(SetupPlan.of(facts(root), wishes(Map.of("arm", "yes"))));
    assertThat(conf(root))
        .content()
        .isEqualTo("# mine\n#store = x\nstore = /dev/vda3\narm = yes\ninitramfs = yes");
    Files.writeString(
        conf(root),
        "# mine\n#store = x\nstore = /dev/vda3\narm = yes\ninitramfs = yes\nthen = reboot\n");

    assertThat(setup(root).undo().isWhole()).isTrue();
    assertThat(conf(root)).content().isEqualTo("# mine\n#store = x\narm=no\nthen = reboot\n");
    assertThat(setup(root).isDone()).isFalse();
  }

  @Test
  void aKeyThatAPersonHasChangedIsTheirs() throws Exception {
    Path root = debian(folder);
    setup(root).carryOut(SetupPlan.of(facts(root), wishes(Map.of())));
    Files.writeString(conf(root), "store = /dev/sdb1\ninitramfs = yes\n");
    said.clear();

    assertThat(setup(root).undo().isWhole()).isFalse();
    assertThat(said)
        .contains("leave store in /etc/dormouse.conf: somebody has changed it since")
        .contains("leave /etc/dormouse.conf: somebody has written more into it");
    assertThat(conf(root)).content().isEqualTo("store = /dev/sdb1\n");
    assertThat(root.resolve(DROP_IN)).doesNotExist();
    assertThat(setup(root).isDone()).isFalse();
  }

  @Test
  void aSecondSetupRemembersWhatAPersonHadSetBetween() throws Exception {
    Path root = debian(folder);
    Files.writeString(conf(root), "arm = no\n");
    setup(root).carryOut(SetupPlan.of(facts(root), wishes(Map.of("arm", "yes"))));
    Files.writeString(
        conf(root), Files.readString(conf(root)).replace("/dev/vda3", "/dev/sdb1") + "codec=lz4\n");
    setup(root).carryOut(SetupPlan.of(facts(root), wishes(Map.of("arm", "yes"))));
    assertThat(conf(root)).content().contains("store = /dev/vda3\n", "codec=lz4\n");

    assertThat(setup(root).undo().isWhole()).isTrue();
    assertThat(conf(root)).content().isEqualTo("arm = no\nstore = /dev/sdb1\ncodec=lz4\n");
  }

  @Test
  void settingsThatAreALinkStayOneAndKeepTheirMode() throws Exception {
    Path root = debian(folder);
    Path real = Files.createDirectories(root.resolve("etc/kept")).resolve("conf");
    Files.writeString(real, "then = reboot\r\n");
    Files.setPosixFilePermissions(real, PosixFilePermissions.fromString("rw-r-----"));
    Files.createSymbolicLink(conf(root), Path.of("kept/conf"));
    SortedMap<String, String> before = contents(root);
    setup(root).carryOut(SetupPlan.of(facts(root), wishes(Map.of())));
    assertThat(conf(root)).isSymbolicLink();
    assertThat(real)
        .content()
        .isEqualTo("then = reboot\r\ninitramfs = yes\r\nstore = /dev/vda3\r\n");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(real)))
        .isEqualTo("rw-r-----");
    assertThat(setup(root).undo().isWhole()).isTrue();
    assertThat(contents(root)).isEqualTo(before);
  }

  /** What a setup left that wrote the settings as a whole, and kept a copy of them. */
  private static void setUpAsOnce(Path root, String before, String written) throws Exception {
    Path record = Files.createDirectories(root.resolve("var/lib/dormouse/setup"));
    Files.writeString(record.resolve("before.0"), before);
    Files.writeString(conf(root), written);
    String digest =
        HexFormat.of()
            .formatHex(
                MessageDigest.getInstance("SHA-256")
                    .digest(written.getBytes(StandardCharsets.UTF_8)));
    Files.writeString(
        record.resolve("record"),
        "wrote " + digest + " before.0 /etc/dormouse.conf\nunit dormouse-arm.service\n");
  }

  @Test
  void aRecordOfTheWholeFileIsTakenBackAsAWhole() throws Exception {
    Path root = debian(folder);
    setUpAsOnce(root, "# old\n", "# old\ninitramfs = yes\n");
    assertThat(setup(root).undo().isWhole()).isTrue();
    assertThat(conf(root)).content().isEqualTo("# old\n");

    setUpAsOnce(root, "# old\n", "# old\ninitramfs = yes\n");
    Files.writeString(conf(root), "# old\ninitramfs = yes\ncodec = lz4\n");
    assertThat(setup(root).undo().isWhole()).isFalse();
    assertThat(conf(root)).content().isEqualTo("# old\ninitramfs = yes\ncodec = lz4\n");
  }

  @Test
  void aSetupOverARecordOfTheWholeFileMakesItOneOfKeys() throws Exception {
    Path root = debian(folder);
    setUpAsOnce(root, "arm=no\n", "arm = yes\ninitramfs = yes\nstore = /dev/vda3\n");
    setup(root).carryOut(SetupPlan.of(facts(root), wishes(Map.of("direct", "no"))));
    Files.writeString(conf(root), Files.readString(conf(root)) + "codec = lz4\n");
    assertThat(setup(root).undo().isWhole()).isTrue();
    assertThat(conf(root)).content().isEqualTo("arm=no\ncodec = lz4\n");
    assertThat(root.resolve("var/lib/dormouse")).doesNotExist();
  }

  @Test
  void whatFailsKeepsNothingElseFromBeingTakenBack() throws Exception {
    Path root = debian(folder);
    SortedMap<String, String> before = contents(root);
    setup(root).carryOut(SetupPlan.of(facts(root), wishes(Map.of())));
    for (String failing : List.of("boot loader", "systemctl")) {
      acts.failing = Optional.of(failing);
      Setup.Undone undone = setup(root).undo();
      assertThat(undone.failed()).isNotEmpty().allMatch(why -> why.contains(failing));
      assertThat(root.resolve(DROP_IN)).doesNotExist();
      assertThat(root.resolve("etc/kernel/postinst.d/zz-dormouse")).doesNotExist();
      assertThat(conf(root)).doesNotExist();
      assertThat(setup(root).isDone()).isTrue();
      if (failing.equals("boot loader")) {
        assertThat(acts.run).contains(List.of("update-initramfs", "-u", "-k", "all"));
        setup(root).carryOut(SetupPlan.of(facts(root), wishes(Map.of())));
      }
    }
    acts.failing = Optional.empty();
    assertThat(setup(root).undo().isWhole()).isTrue();
    assertThat(acts.bootEntriesRemoved).isPositive();
    assertThat(contents(root)).isEqualTo(before);
  }

  @Test
  void saversThatWereMadeWithTheirKernelsAreTakenBackToo() throws Exception {
    Path root = debian(folder);
    setup(root).carryOut(SetupPlan.of(facts(root), wishes(Map.of())));
    Path other = Files.writeString(root.resolve("boot/dormouse-saver-6.13.img"), "a saver");
    Path digest =
        Files.writeString(
            root.resolve("boot/dormouse-saver-6.13.img.sha256"),
            "ab".repeat(32) + "  dormouse-saver-6.13.img\n");
    Path strange = Files.writeString(root.resolve("boot/dormouse-saver-mine.img"), "no saver");
    assertThat(setup(root).describeUndo())
        .contains("delete /boot/dormouse-saver-6.13.img: it was made with its kernel")
        .noneMatch(line -> line.contains("mine"));
    assertThat(setup(root).undo().isWhole()).isTrue();
    assertThat(other).doesNotExist();
    assertThat(digest).doesNotExist();
    assertThat(strange).exists();
  }

  @Test
  void anUndoDoesNotEndADesktopEither() throws Exception {
    Path root = debian(folder);
    setup(root).carryOut(SetupPlan.of(facts(root), wishes(Map.of())));
    Files.createDirectories(root.resolve("run/systemd/sessions"));
    Files.writeString(root.resolve("run/systemd/sessions/2"), "UID=1000\nTYPE=wayland\n");
    acts.run.clear();
    said.clear();
    assertThat(setup(root).undo().isWhole()).isTrue();
    assertThat(acts.run).noneMatch(command -> command.contains("try-restart"));
    assertThat(said).anyMatch(line -> line.contains("works at a desktop"));
  }

  @Test
  void aKernelHookThatIsLeftOverDoesNothing() throws Exception {
    Path root = debian(folder);
    setup(root).carryOut(SetupPlan.of(facts(root), wishes(Map.of())));
    for (String hook : List.of("postinst.d", "postrm.d")) {
      String script = Files.readString(root.resolve("etc/kernel/" + hook + "/zz-dormouse"));
      assertThat(script)
          .containsSubsequence(
              "[ -x /usr/lib/dormouse/saver-for-kernel ] || exit 0\n",
              "exec /usr/lib/dormouse/saver-for-kernel ",
              " \"$1\"\n");
      Process left =
          new ProcessBuilder(
                  "sh",
                  "-c",
                  script.replace("/usr/lib/dormouse", root + "/nowhere"),
                  "zz-dormouse",
                  "6.12")
              .start();
      assertThat(left.waitFor()).isZero();
    }
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
    assertThat(setup(root).undo().isWhole()).isTrue();
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
            step -> step.describe().startsWith("run grub-mkconfig --output=/boot/grub/grub.cfg"))
        .anyMatch(step -> step.describe().startsWith("make /boot/grub/dormouse.cfg"));
    Recorder acts = new Recorder();
    new Setup(root, acts, _ -> {}).carryOut(plan);
    assertThat(acts.bootEntriesLaidOut).isEqualTo(1);
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
        Arbitraries.of(
            "",
            "\n",
            "store = /x\n",
            "#arm = no\narm=yes\n",
            "a = b\r\n#arm = no",
            "no end of line",
            "é");
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
      assertThat(setup.undo().isWhole()).isTrue();
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
              new SetupTrace.MadeSettings(Path.of("/" + file)),
              new SetupTrace.BootEntry(),
              new SetupTrace.SetKey(Path.of("/a b/" + file), "arm", "a b=%-+é", Optional.empty()),
              new SetupTrace.SetKey(
                  Path.of("/" + file),
                  "arm",
                  "",
                  Optional.of("  arm =\t" + files.get(file).strip())),
              new SetupTrace.Refreshed(List.of("a", "b=" + words.size())))) {
        assertThat(SetupTrace.parse(trace.line())).isEqualTo(trace);
      }
    }
  }
}
