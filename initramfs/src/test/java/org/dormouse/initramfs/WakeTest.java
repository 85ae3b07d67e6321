package org.dormouse.initramfs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the script that wakes in busybox's shell, with files as devices. */
class WakeTest {
  private static final int MIB = 1 << 20;
  private static final byte[] KERNEL = "the saver's kernel".getBytes(StandardCharsets.UTF_8);
  private static final byte[] INITRAMFS =
      "its initramfs".repeat(100_000).getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;
  private Path devices;
  private Path sys;
  private Path answers;

  @BeforeEach
  void layOut() throws IOException {
    devices = Files.createDirectories(folder.resolve("dev"));
    sys = Files.createDirectories(folder.resolve("sys"));
    answers = Files.createFile(folder.resolve("answers"));
    Files.createFile(folder.resolve("console"));
  }

  @Test
  void withoutAStoreNothingIsSaidAndTheBootGoesOn() throws Exception {
    device("vda", new byte[4096]);
    device("vdb", "DORMANT\n".getBytes(StandardCharsets.UTF_8));
    assertThat(wake("")).containsExactly("dormouse: stage wake-search", "exit 0");
  }

  @Test
  void aStoreWithoutAnImageIsToldWithItsReason() throws Exception {
    store("vda", "EMPTY", 0, "the disks were changed");
    store("vdb", "WRITING", 0, "");
    store("vdc", "CONSUMED", 1, "");
    store("vdd", "DUMP", 0, "");
    assertThat(wake(""))
        .containsExactly(
            "dormouse: stage wake-search",
            "dormouse: " + dev("vda") + ": no image: the disks were changed",
            "dormouse: "
                + dev("vdb")
                + ": the image was not written to its end: the machine lost power while it was"
                + " saved",
            "dormouse: " + dev("vdc") + ": the image was used already",
            "exit 0");
  }

  @Test
  void aDamagedFirstSectorIsToldAndLeftAlone() throws Exception {
    Path store = store("vda", "COMPLETE", 0, "");
    try (RandomAccessFile file = new RandomAccessFile(store.toFile(), "rw")) {
      file.seek(100);
      file.write('!');
    }
    assertThat(wake(""))
        .anyMatch(line -> line.contains("the header is damaged"))
        .noneMatch(line -> line.startsWith("kexec"))
        .contains("exit 0");
  }

  @Test
  void anotherFormatVersionIsToldAndLeftAlone() throws Exception {
    device("vda", "DORMOUSE\1\0\0\0\0\0\0\0\0".getBytes(StandardCharsets.UTF_8));
    device("vdb", "DORMOUSE 31\nstate=COMPLETE\n".getBytes(StandardCharsets.UTF_8));
    assertThat(wake("")).filteredOn(line -> line.contains("has another format version")).hasSize(2);
  }

  @Test
  void aCompleteImageIsWokenFromAndTheAttemptIsCounted() throws Exception {
    Path store = store("vda", "COMPLETE", 0, "");
    List<String> said = wake("");
    assertThat(said)
        .contains(
            "dormouse: stage wake-read",
            "dormouse: stage wake-check",
            "dormouse: stage wake-load",
            "dormouse: stage wake-jump")
        .contains(
            "kexec -l -c "
                + work("kernel")
                + " --initrd="
                + work("initramfs")
                + " --mem-min=0x1000000 --mem-max=150994943 --no-checks"
                + " --command-line=mem=144M memmap=15M$1M quiet dormouse.attempt=1")
        .contains("loads " + sha256(KERNEL) + " " + sha256(INITRAMFS))
        .endsWith("kexec -e -x", "exit 137");
    assertThat(sector(store)).contains("state=COMPLETE\n", "attempts=1\n", "restarts=3\n");
  }

  @Test
  void afterTwoAttemptsItIsTriedAgainOnlyWhenNobodyAnswers() throws Exception {
    store("vda", "COMPLETE", 2, "a disk is missing");
    assertThat(wake("dormouse.wait=1"))
        .anyMatch(line -> line.contains("could not be woken: a disk is missing"))
        .anyMatch(line -> line.contains("Attempts so far: 2"))
        .contains("kexec -e -x");
  }

  /** The word stands in the sector behind the reason, and is gone afterwards. */
  @Test
  void whenNobodyKnewThePassphraseTheNextBootGoesOnWithoutTheImageOnce() throws Exception {
    Path store = store("vda", "COMPLETE", 0, "nobody knew the passphrase\nboot=on");
    assertThat(wake(""))
        .anyMatch(line -> line.contains("left alone this once: nobody knew the passphrase. What"))
        .noneMatch(line -> line.startsWith("kexec"))
        .contains("exit 0");
    assertThat(sector(store))
        .contains("state=COMPLETE\n", "attempts=0\n", "reason=nobody knew the passphrase\n")
        .doesNotContain("boot=");
    assertThat(wake("")).contains("kexec -e -x");
  }

  @Test
  void aPersonCanHaveItTriedAgain() throws Exception {
    store("vda", "COMPLETE", 2, "a disk is missing");
    Files.writeString(answers, "t");
    assertThat(wake("")).contains("kexec -e -x", "exit 137");
  }

  @Test
  void aPersonCanDiscardTheImageAndTheSaversFilesStayKnown() throws Exception {
    Path store = store("vda", "COMPLETE", 2, "a disk is missing");
    byte[] before = head(store, 4096);
    Files.writeString(answers, "b");
    assertThat(wake(""))
        .noneMatch(line -> line.startsWith("kexec"))
        .contains("dormouse: " + dev("vda") + ": the image is discarded", "exit 0");
    assertThat(sector(store))
        .contains("state=EMPTY\n", "attempts=0\n", "reason=discarded at the console\n")
        .contains("description=0123456789abcdef\n");
    byte[] after = head(store, 4096);
    assertThat(Arrays.copyOfRange(after, 512, 4096))
        .isEqualTo(Arrays.copyOfRange(before, 512, 4096));
    assertThat(new String(after, 496, 16, StandardCharsets.UTF_8))
        .isEqualTo(String.format("check=%010d", cksum(Arrays.copyOf(after, 496))));
  }

  @Test
  void whatIsDiscardedCannotBeOpenedAnyMore() throws Exception {
    String sealed = "created=2026-03-01T10:00:00Z\nstore=/dev/vdb2\nseal=aes_256_gcm\n";
    Path store = store("vda", "COMPLETE", 2, "a disk is missing", sealed);
    byte[] before = Files.readAllBytes(store);
    Files.writeString(answers, "b");
    assertThat(wake("")).contains("dormouse: " + dev("vda") + ": the image is discarded");
    byte[] after = Files.readAllBytes(store);
    int envelope = MIB - 4096;
    assertThat(new String(after, envelope, 4096, StandardCharsets.US_ASCII))
        .matches("erased=yes\n+");
    assertThat(Arrays.copyOfRange(after, MIB, after.length))
        .isEqualTo(Arrays.copyOfRange(before, MIB, before.length));
    assertThat(Arrays.copyOfRange(after, 4096, envelope))
        .isEqualTo(Arrays.copyOfRange(before, 4096, envelope));
  }

  @Test
  void aSaverThatCannotBeLoadedIsAFailedAttemptAndTheBootDoesNotGoOn() throws Exception {
    Path store = store("vda", "COMPLETE", 0, "");
    assertThat(wake("dormouse.wait=1", "LOAD_FAILS=yes"))
        .anyMatch(line -> line.contains("kexec could not load the saver: no room"))
        .anyMatch(line -> line.contains("the machine is restarted, to try again"))
        .endsWith("reboot -f", "exit 43");
    assertThat(sector(store))
        .contains("state=COMPLETE\n", "attempts=1\n", "reason=kexec could not load");
  }

  @Test
  void aDamagedSaverIsNotStarted() throws Exception {
    Path store = store("vda", "COMPLETE", 0, "");
    try (RandomAccessFile file = new RandomAccessFile(store.toFile(), "rw")) {
      file.seek(2 * MIB + 5000);
      file.write('!');
    }
    assertThat(wake("dormouse.wait=1"))
        .anyMatch(line -> line.contains("does not match its SHA-256"))
        .contains("kexec -u")
        .doesNotContain("kexec -e -x")
        .endsWith("reboot -f", "exit 43");
    assertThat(sector(store)).contains("state=COMPLETE\n", "attempts=1\n");
  }

  @Test
  void aDescriptionWithoutSenseDoesNotLetTheBootGoOn() throws Exception {
    Path store = store("vda", "COMPLETE", 0, "");
    try (RandomAccessFile file = new RandomAccessFile(store.toFile(), "rw")) {
      file.seek(512);
      file.write("saver_kernel=12x4 ( -1 ;\n".repeat(140).getBytes(StandardCharsets.UTF_8));
    }
    assertThat(wake("dormouse.wait=1"))
        .anyMatch(line -> line.contains("does not say where the saver's kernel is"))
        .endsWith("reboot -f", "exit 43");
  }

  @Test
  void noresumeLeavesAnImageAloneAndSaysWhatThatMeans() throws Exception {
    Path store = store("vda", "COMPLETE", 0, "");
    assertThat(wake("noresume"))
        .anyMatch(line -> line.contains("left alone (noresume)") && line.contains("stale"))
        .endsWith("exit 0");
    assertThat(sector(store)).contains("attempts=0\n");
  }

  @Test
  void ofSeveralImagesTheNewestIsTakenAndTheOthersAreNamed() throws Exception {
    store("vda", "COMPLETE", 0, "", "created=2026-03-01T10:00:00Z\nstore=/dev/a\n");
    Path newest = store("vdb", "COMPLETE", 0, "", "created=2026-03-02T10:00:00Z\nstore=/dev/b\n");
    store("vdc", "COMPLETE", 0, "", "created=2026-02-28T10:00:00Z\nstore=/dev/c\n");
    assertThat(wake(""))
        .anyMatch(line -> line.contains(dev("vda") + " holds a complete image too"))
        .anyMatch(line -> line.contains(dev("vdc") + " holds a complete image too"))
        .contains("kexec -e -x");
    assertThat(sector(newest)).contains("attempts=1\n");
  }

  @Test
  void ofSeveralImagesTheExpectedOneIsTaken() throws Exception {
    Path expected =
        store("vda", "COMPLETE", 0, "", "created=2026-03-01T10:00:00Z\nstore=/dev/disk/a\n");
    store("vdb", "COMPLETE", 0, "", "created=2026-03-02T10:00:00Z\nstore=/dev/b\n");
    assertThat(wake("dormouse.resume=/dev/disk/a")).contains("kexec -e -x");
    assertThat(sector(expected)).contains("attempts=1\n");
  }

  @Test
  void aLateStoreIsWaitedFor() throws Exception {
    device("vda", new byte[4096]);
    Path late = store("late", "COMPLETE", 0, "");
    Path device = sys.resolve("late");
    Path away = Files.move(device, folder.resolve("away"));
    String later = "(sleep 0.5; mv " + away + " " + device + ") &";
    assertThat(wake("dormouse.resume=" + dev("late"), later))
        .noneMatch(line -> line.contains("did not appear"))
        .contains("kexec -e -x");
    assertThat(sector(late)).contains("attempts=1\n");
  }

  @Test
  void aStoreThatNeverComesIsNamedAndTheBootGoesOn() throws Exception {
    device("vda", new byte[4096]);
    assertThat(wake("dormouse.resume=/dev/gone"))
        .contains("dormouse: dormouse.resume=/dev/gone did not appear in 1 s", "exit 0");
  }

  /** The place has the store in the middle of a partition that belongs to a file system. */
  @Test
  void aStoreThatLiesWithinADeviceIsWokenFromAndNothingAroundItIsTouched() throws Exception {
    Path device = within("sda2", 3 * MIB + 4096, store("away", "COMPLETE", 0, ""));
    device("sda", new byte[4096]);
    byte[] before = Files.readAllBytes(device);
    String place = dev("sda2") + "@" + (3 * MIB + 4096);
    assertThat(wake("dormouse.resume=" + place))
        .contains("loads " + sha256(KERNEL) + " " + sha256(INITRAMFS))
        .noneMatch(line -> line.contains("did not appear"))
        .endsWith("kexec -e -x", "exit 137");
    byte[] after = Files.readAllBytes(device);
    int start = 3 * MIB + 4096;
    assertThat(new String(after, start, 512, StandardCharsets.UTF_8)).contains("attempts=1\n");
    System.arraycopy(before, start, after, start, 512);
    assertThat(after).isEqualTo(before);
  }

  @Test
  void theInitramfsMayKnowThePlaceAndTheDeviceMayHaveAnotherName() throws Exception {
    String sealed = "created=2026-03-01T10:00:00Z\nstore=/store\nseal=aes_256_gcm\n";
    Path device = within("sdb2", 8 * MIB, store("away", "COMPLETE", 2, "a disk", sealed));
    byte[] before = Files.readAllBytes(device);
    Files.writeString(folder.resolve("store"), "PARTUUID=0a-01@" + 8 * MIB + "\n");
    Files.writeString(answers, "b");
    assertThat(wake(""))
        .contains("dormouse: " + dev("sdb2") + "@" + 8 * MIB + ": the image is discarded");
    byte[] after = Files.readAllBytes(device);
    assertThat(new String(after, 8 * MIB, 512, StandardCharsets.UTF_8)).contains("state=EMPTY\n");
    int envelope = 9 * MIB - 4096;
    assertThat(new String(after, envelope, 4096, StandardCharsets.US_ASCII))
        .matches("erased=yes\n+");
    System.arraycopy(before, 8 * MIB, after, 8 * MIB, 512);
    System.arraycopy(before, envelope, after, envelope, 4096);
    assertThat(after).isEqualTo(before);
    // What the kernel command line says comes before.
    assertThat(wake("dormouse.resume=/dev/gone"))
        .contains("dormouse: dormouse.resume=/dev/gone did not appear in 1 s", "exit 0");
  }

  @Test
  void withoutAnImageInItsPlaceTheBootGoesOnAndDoesNotWait() throws Exception {
    within("sda2", 4 * MIB, store("away", "CONSUMED", 1, ""));
    assertThat(wake("dormouse.resume=PARTUUID=0b-01@" + 4 * MIB))
        .containsExactly(
            "dormouse: stage wake-search",
            "dormouse: " + dev("sda2") + "@" + 4 * MIB + ": the image was used already",
            "exit 0");
    assertThat(wake("dormouse.resume=" + dev("sda2") + "@4096")).endsWith("exit 0");
    for (String wrong : List.of("@", "@12x", "@0123", "@512", "@9999999999999999999999")) {
      assertThat(wake("dormouse.resume=" + dev("sda2") + wrong))
          .anyMatch(line -> line.endsWith("did not appear in 1 s"))
          .endsWith("exit 0");
    }
  }

  /** Behind the end of a real device dd would read all of it, byte by byte. */
  @Test
  void aDeviceThatEndsBeforeThePlaceIsNotReadThere() throws Exception {
    device("vda", new byte[2 * MIB]);
    String tell = "dd() { echo dd $1 >>$WAKE_CONSOLE; }";
    assertThat(wake("dormouse.resume=/dev/gone@" + 2 * MIB, tell))
        .noneMatch(line -> line.startsWith("dd"));
    assertThat(wake("dormouse.resume=/dev/gone@" + MIB, tell)).contains("dd if=" + dev("vda"));
  }

  @Test
  void aSaverWithoutJavaFindsItsImageWithinADevice() throws Exception {
    Path device = within("sda2", 4 * MIB, store("away", "COMPLETE", 1, "before"));
    wake(
        "",
        "wake() { record_failure '6f1d0000-0000-4000-8000-000000000001' died 1 " + 4 * MIB + "; }");
    byte[] after = Files.readAllBytes(device);
    assertThat(new String(after, 4 * MIB, 512, StandardCharsets.UTF_8))
        .contains("state=COMPLETE\n", "attempts=2\n", "reason=died\n");
  }

  /** Moves a store into a device of that name. */
  private Path within(String name, int offset, Path store) throws IOException {
    byte[] content = new byte[offset + (int) Files.size(store) + MIB];
    Arrays.fill(content, (byte) 'x');
    System.arraycopy(Files.readAllBytes(store), 0, content, offset, (int) Files.size(store));
    Files.delete(store);
    Files.delete(sys.resolve("away/size"));
    Files.delete(sys.resolve("away"));
    return device(name, content);
  }

  /** A disk that is slow to be read gives others the time to appear. */
  @Test
  void aLinkThatAppearsWhileDevicesAreReadIsNotTakenForADeviceThatWasRead() throws Exception {
    Path store = store("vdz", "COMPLETE", 0, "");
    Path away = Files.createDirectories(folder.resolve("away"));
    Files.move(store, away.resolve("device"));
    Files.move(sys.resolve("vdz"), away.resolve("sys"));
    device("sda", new byte[512]);
    Files.delete(devices.resolve("sda"));
    Path link = devices.resolve("link");
    List<String> said =
        wake(
            "dormouse.resume=" + link,
            "mkfifo " + dev("sda"),
            "(sleep 0.3; mv %s/device %s; mv %s/sys %s/vdz; ln -s vdz %s; echo x >%s) &"
                .formatted(away, store, away, sys, link, dev("sda")));
    assertThat(said).endsWith("kexec -e -x", "exit 137");
  }

  @Test
  void aStoreThatDidNotAppearInTimeIsNotedSoThatItIsLookedForAgain() throws Exception {
    Path link = devices.resolve("link");
    assertThat(wake("dormouse.resume=" + link)).contains("exit 0");
    assertThat(folder.resolve("run/not-seen")).exists();
    store("vdz", "COMPLETE", 0, "");
    Files.createSymbolicLink(link, Path.of("vdz"));
    assertThat(wake("dormouse.resume=" + link, "WAKE_DEVICE_WAIT=0"))
        .endsWith("kexec -e -x", "exit 137");
    assertThat(folder.resolve("run/not-seen")).doesNotExist();
  }

  @Test
  void aMemberOfAMirrorIsNotTakenForTheStore() throws Exception {
    store("sda1", "COMPLETE", 0, "");
    Files.createDirectories(sys.resolve("sda1/holders/md0"));
    assertThat(wake("")).containsExactly("dormouse: stage wake-search", "exit 0");
  }

  @Test
  void aSaverWithoutJavaCountsAndSaysWhyOnItsOwnImageAlone() throws Exception {
    Path its = store("vda", "COMPLETE", 1, "before");
    Path used = store("vdb", "CONSUMED", 1, "before");
    String died = "' 'the program died, exit code 132' 1; }";
    wake("", "wake() { record_failure '6f1d0000-0000-4000-8000-000000000001" + died);
    assertThat(sector(its))
        .contains("state=COMPLETE\n", "attempts=2\n", "reason=the program died, exit code 132\n");
    assertThat(sector(used)).contains("state=CONSUMED\n", "attempts=1\n", "reason=before\n");

    wake("", "wake() { record_failure '6f1d0000-0000-4000-8000-000000000002" + died);
    assertThat(sector(its)).contains("attempts=2\n");
  }

  /** What it said on the console, what it called that would leave this kernel, and how it ended. */
  private List<String> wake(String commandLine, String... before) throws Exception {
    Path words = Files.writeString(folder.resolve("cmdline"), "quiet " + commandLine + "\n");
    Path log = folder.resolve("console");
    String resource = Path.of(WakeTest.class.getResource("wake").toURI()).toString();
    List<String> script = new ArrayList<>();
    script.add("WAKE_AS_LIBRARY=yes WAKE_COMMAND_LINE=" + words + " WAKE_BLOCK=" + sys);
    script.add("WAKE_DEV=" + devices + " WAKE_CONSOLE=" + log + " WAKE_ANSWERS=" + answers);
    script.add("WAKE_FOLDER=" + folder.resolve("run") + " WAKE_STORE=" + folder.resolve("store"));
    script.add(". " + resource);
    script.add("WAKE_DEVICE_WAIT=10");
    script.addAll(List.of(before));
    script.add(
        """
        kexec() {
          echo "kexec $*" >>$WAKE_CONSOLE
          case $1 in
            -e) kill -KILL $$ ;;
            -l)
              [ -z "$LOAD_FAILS" ] || { echo no room; return 1; }
              set -- $(sha256sum $WAKE_FOLDER/kernel) $(sha256sum $WAKE_FOLDER/initramfs)
              echo "loads $1 $3" >>$WAKE_CONSOLE
              ;;
          esac
        }
        reboot() { echo "reboot $*" >>$WAKE_CONSOLE; exit 43; }
        wake
        """);
    Process shell =
        new ProcessBuilder("/bin/busybox", "sh", "-c", String.join("\n", script))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("stray").toFile())
            .start();
    assertThat(shell.waitFor(20, TimeUnit.SECONDS)).isTrue();
    List<String> lines = new ArrayList<>(Files.readAllLines(log));
    assertThat(folder.resolve("stray")).isEmptyFile();
    lines.add("exit " + shell.exitValue());
    return lines;
  }

  private Path store(String name, String state, int attempts, String reason) throws Exception {
    return store(name, state, attempts, reason, "created=2026-03-01T10:00:00Z\nstore=/dev/vdb2\n");
  }

  private Path store(String name, String state, int attempts, String reason, String start)
      throws Exception {
    String text =
        "DORMOUSE 3\nstate=%s\nimage=6f1d0000-0000-4000-8000-000000000001\nattempts=%d\nrestarts=3\ndescription=0123456789abcdef\nreason=%s\n"
            .formatted(state, attempts, reason);
    byte[] content = new byte[5 * MIB];
    Arrays.fill(content, 0, 4096, (byte) '\n');
    put(content, 0, text);
    put(content, 496, String.format("check=%010d", cksum(Arrays.copyOf(content, 496))));
    put(
        content,
        512,
        start
            + "region=0x1000000 0x9000000\n"
            + String.format("saver_kernel=%d %d %s%n", MIB, KERNEL.length, sha256(KERNEL))
            + String.format(
                "saver_initramfs=%d %d %s%n", 2 * MIB, INITRAMFS.length, sha256(INITRAMFS))
            + "command_line=mem=144M memmap=15M$1M quiet\n");
    System.arraycopy(KERNEL, 0, content, MIB, KERNEL.length);
    System.arraycopy(INITRAMFS, 0, content, 2 * MIB, INITRAMFS.length);
    return device(name, content);
  }

  private static void put(byte[] content, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(bytes, 0, content, at, bytes.length);
  }

  private Path device(String name, byte[] content) throws IOException {
    Files.createDirectories(sys.resolve(name));
    Files.writeString(sys.resolve(name).resolve("size"), content.length / 512 + 1 + "\n");
    return Files.write(devices.resolve(name), content);
  }

  private String dev(String name) {
    return devices.resolve(name).toString();
  }

  private String work(String name) {
    return folder.resolve("run").resolve(name).toString();
  }

  private static byte[] head(Path file, int length) throws IOException {
    try (var in = Files.newInputStream(file)) {
      return in.readNBytes(length);
    }
  }

  private static String sector(Path store) throws IOException {
    return new String(head(store, 512), StandardCharsets.UTF_8);
  }

  private static String sha256(byte[] content) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
  }

  /** The CRC of POSIX cksum, bit by bit. */
  private static long cksum(byte[] content) {
    int crc = 0;
    for (byte b : content) {
      crc = withByte(crc, b);
    }
    for (int length = content.length; length > 0; length >>>= 8) {
      crc = withByte(crc, (byte) length);
    }
    return ~crc & 0xFFFF_FFFFL;
  }

  private static int withByte(int crc, byte b) {
    int next = crc ^ b << 24;
    for (int bit = 0; bit < 8; bit++) {
      next = next << 1 ^ (next < 0 ? 0x04C1_1DB7 : 0);
    }
    return next;
  }
}
