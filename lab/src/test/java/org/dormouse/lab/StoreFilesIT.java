package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import org.dormouse.lab.demo.Fill;
import org.dormouse.lab.demo.Scenario;
import org.dormouse.lab.guest.GuestRoot;
import org.dormouse.lab.guest.HostCommand;
import org.dormouse.lab.qemu.CommandResult;
import org.dormouse.lab.qemu.Disk;
import org.dormouse.lab.qemu.MachineOptions;
import org.dormouse.linux.SparseFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Images in files of the machine's own file system: the saver writes to the disk below them, and
 * neither mounts nor assembles nor unlocks anything.
 */
class StoreFilesIT {
  private static final Duration LONG = Duration.ofMinutes(2);
  private static final String FILE = "/var/lib/store";

  /** Where the only partition begins, in bytes. */
  private static final long PARTITION = 1L << 20;

  private static final long ROOT_BYTES = 1536L << 20;

  private static TestBed bed;

  @BeforeAll
  static void prepare() throws Exception {
    bed = TestBed.prepare();
  }

  @Test
  @Tag("long")
  void aTornFileOnTheRootOfADiskWithPartitions() throws Exception {
    Path folder = bed.folder("store-file");
    MachineOptions machine = bed.machine().withMemoryBytes(512L << 20);
    try (Scenario scenario = Scenario.prepare(bed.software(), machine, folder)) {
      putIntoPartition(scenario.rootDisk());
      MachineOptions usual = onPartition(scenario);
      scenario.bootAs(usual);
      tearFreeSpace(scenario);
      check(scenario, "dormouse store create --dry-run --size 640M " + FILE + " && ! ls " + FILE);
      check(scenario, "dormouse store create --size 640M " + FILE);
      assertThat(pieces(scenario)).isGreaterThan(1);
      String location = check(scenario, "dormouse store location " + FILE).strip();
      assertThat(location).matches("/dev/vda1@\\d+");
      isHeld(scenario);
      String others = check(scenario, DIGESTS);
      // What has no offset is refused, and what is a plain file.
      assertThat(refused(scenario, "dormouse hibernate --to /var/lib/torn-1"))
          .contains("is a file that is no store");

      scenario.startWorkload(23);
      scenario.fillTo(Fill.parse("50%"));
      SameGuest guest = SameGuest.of(scenario);
      assertThat(refused(scenario, "dormouse hibernate --to " + FILE))
          .contains("the next boot would look at " + scenario.store());
      ResumeWord.asIfBootedWith(scenario, location);
      scenario.sleepBy("dormouse hibernate --to " + FILE);
      MachineOptions waking = ResumeWord.with(onPartition(scenario), location);
      scenario.wakeAs(waking, Scenario.AWAKE);
      guest.check(scenario);
      assertThat(check(scenario, "dormouse image info " + FILE)).contains("CONSUMED");
      assertThat(check(scenario, DIGESTS)).isEqualTo(others);

      // Warm, and by its place, of which the map says what it is.
      guest = SameGuest.of(scenario);
      scenario.sleepBy("dormouse hibernate --to " + location);
      scenario.wakeAs(waking, Scenario.AWAKE);
      guest.check(scenario);
      assertThat(check(scenario, DIGESTS)).isEqualTo(others);
      check(scenario, "dormouse store remove " + FILE + " && ! ls " + FILE);
      scenario.shutDown();
      assertThat(errors(scenario.rootDisk())).isEmpty();
    }
    bed.tidy(folder);
  }

  private static final String DIGESTS =
      "find /bin /sbin /lib /usr /boot /var/lib/torn-* -xdev -type f | sort"
          + " | xargs sha256sum | sha256sum";

  /** Lays a GPT with one partition around a file system, and makes that larger. */
  private static void putIntoPartition(Path root) throws Exception {
    Path disk = root.resolveSibling("partitioned.img");
    HostCommand.check(List.of("truncate", "-s", Long.toString(ROOT_BYTES), root.toString()));
    HostCommand.check(List.of("/sbin/resize2fs", root.toString()));
    GuestRoot.writeEmptyDisk(disk, ROOT_BYTES + 2 * PARTITION);
    HostCommand.check(List.of("sh", "-c", "echo 2048,," + " | sfdisk -X gpt " + disk));
    HostCommand.check(
        List.of("dd", "if=" + root, "of=" + disk, "bs=1M", "seek=1", "conv=notrunc,sparse"));
    Files.move(disk, root, StandardCopyOption.REPLACE_EXISTING);
  }

  private static MachineOptions onPartition(Scenario scenario) {
    String root = scenario.rootDevice();
    return scenario
        .options()
        .withAppend(
            scenario.options().append().replace("root=" + root + " ", "root=" + root + "1 "));
  }

  /** Files with gaps between them, so that what is made next lies in many places. */
  private static void tearFreeSpace(Scenario scenario) throws Exception {
    check(
        scenario,
        "for i in $(seq 1 40); do fallocate -l 12M /var/lib/torn-$i || break; done; sync;"
            + " for i in $(seq 2 2 40); do rm -f /var/lib/torn-$i; done;"
            + " for i in $(seq 1 2 39); do dd if=/dev/urandom of=/var/lib/torn-$i bs=64k count=8"
            + " conv=notrunc 2>/dev/null; done; sync");
  }

  private static int pieces(Scenario scenario) throws Exception {
    String told = check(scenario, "dormouse store info --json " + FILE);
    return Integer.parseInt(told.replaceAll("(?s).*\"pieces\": ?(\\d+).*", "$1"));
  }

  private static void isHeld(Scenario scenario) throws Exception {
    for (String attempt :
        List.of("rm -f " + FILE, "mv " + FILE + " /var/lib/other", "echo x >>" + FILE)) {
      assertThat(scenario.shell().run(attempt, LONG).succeeded()).as(attempt).isFalse();
    }
  }

  private static String refused(Scenario scenario, String command) throws Exception {
    CommandResult result = scenario.shell().run(command, LONG);
    assertThat(result.succeeded()).isFalse();
    return result.output();
  }

  private static String errors(Path disk) throws Exception {
    HostCommand checked =
        HostCommand.run(List.of("/sbin/e2fsck", "-fn", disk + "?offset=" + PARTITION));
    return checked.status() == 0 ? "" : checked.output();
  }

  private static String check(Scenario scenario, String command) throws Exception {
    return scenario.shell().check(command, LONG);
  }

  /**
   * Two volumes of LVM's kind, each in two segments in the wrong order; one of them on an encrypted
   * partition, as Debian's installer lays it out.
   */
  @Test
  @Tag("long")
  void filesOnLinearVolumesOneOfThemEncrypted() throws Exception {
    Path folder = bed.folder("store-volumes");
    HostKey key = HostKey.create(folder.resolve("key"));
    Path disk = folder.resolve("volumes.img");
    Path fresh = folder.resolve("fresh.img");
    Volumes.writeDisks(disk, fresh);
    MachineOptions machine =
        bed.machine()
            .withMemoryBytes(512L << 20)
            .withDisk(new Disk(disk, "volumes"))
            .withDisk(new Disk(fresh, "fresh"));
    machine = machine.withAppend(Volumes.words(machine.deviceOf("volumes")));
    try (Scenario scenario = Scenario.prepare(bed.software(), machine, folder, key.file())) {
      scenario.boot();
      Volumes.fill(scenario, fresh);
      String plain = make(scenario, "/mnt/plain/store");
      String secret = make(scenario, "/mnt/secret/store");
      assertThat(plain).startsWith(scenario.options().deviceOf("volumes") + "1@");
      assertThat(secret).startsWith(scenario.options().deviceOf("volumes") + "2@");
      String others = check(scenario, Volumes.DIGESTS);
      scenario.startWorkload(29);
      scenario.fillTo(Fill.parse("40%"));

      SameGuest guest = SameGuest.of(scenario);
      ResumeWord.asIfBootedWith(scenario, plain);
      scenario.sleepBy("dormouse hibernate --to /mnt/plain/store");
      assertThat(onDisk(disk, Volumes.FIRST_PARTITION, plain)).contains("state=COMPLETE");
      scenario.wakeAs(ResumeWord.with(scenario, plain), Scenario.AWAKE);
      guest.check(scenario);

      ResumeWord.asIfBootedWith(scenario, secret);
      assertThat(refused(scenario, "dormouse hibernate --to /mnt/secret/store"))
          .contains("would not be encrypted");
      scenario.importKey();
      scenario.sleepBy("dormouse hibernate --to /mnt/secret/store");
      assertThat(onDisk(disk, Volumes.SECOND_PARTITION, secret))
          .contains("state=COMPLETE", "seal=");
      scenario.wakeAs(ResumeWord.with(scenario, secret), Scenario.AWAKE);
      guest.check(scenario);

      check(scenario, "umount /mnt/plain /mnt/secret && " + Volumes.MOUNT);
      assertThat(check(scenario, Volumes.DIGESTS)).isEqualTo(others);
      check(scenario, "! dmesg | grep -E 'EXT4-fs (error|warning)'");
      check(scenario, "umount /mnt/plain /mnt/secret");
      scenario.shutDown();
      assertThat(scenario.fileSystemErrors()).isEmpty();
      assertThat(Volumes.errors(disk, folder.resolve("plain.img"))).isEmpty();
    }
    bed.tidy(folder);
  }

  private static String make(Scenario scenario, String file) throws Exception {
    check(scenario, "dormouse store create --size 600M " + file);
    return check(scenario, "dormouse store location " + file).strip();
  }

  /** The header at a location, as it is on the disk itself. */
  private static String onDisk(Path disk, long partition, String location) throws Exception {
    long offset = partition + Long.parseLong(location.substring(location.indexOf('@') + 1));
    try (FileChannel channel = FileChannel.open(disk)) {
      ByteBuffer block = ByteBuffer.allocate(4096);
      channel.read(block, offset);
      return new String(block.array(), StandardCharsets.UTF_8);
    }
  }

  /** The volumes: 900 MiB each, 400 MiB of which lie behind the other 500. */
  private static final class Volumes {
    private static final long FIRST_PARTITION = 1L << 20;
    private static final long SECOND_PARTITION = 1001L << 20;
    private static final int FILE_SYSTEM_MIB = 900;
    private static final int SEGMENT_MIB = 400;
    private static final int SEGMENT_AT_MIB = 512;
    private static final String KEY = "00112233445566778899aabbccddeeff".repeat(4);

    private static final String MOUNT =
        "mkdir -p /mnt/plain /mnt/secret && mount -t ext4 /dev/dm-0 /mnt/plain"
            + " && mount -t ext4 /dev/dm-2 /mnt/secret";

    private static final String DIGESTS =
        "find /mnt/plain /mnt/secret -type f ! -name store | sort | xargs sha256sum";

    private static void writeDisks(Path disk, Path fresh) throws Exception {
      GuestRoot.writeEmptyDisk(disk, 2002L << 20);
      HostCommand.check(
          List.of("sh", "-c", "printf '1M,1000M\n1001M,1000M\n' | sfdisk -q -X gpt " + disk));
      GuestRoot.writeEmptyDisk(fresh, (long) FILE_SYSTEM_MIB << 20);
      HostCommand.check(
          List.of("/sbin/mke2fs", "-q", "-t", "ext4", "-b", "4096", "-m", "0", fresh.toString()));
    }

    /** {@code Documentation/admin-guide/device-mapper/dm-init.rst}. */
    private static String words(String disk) {
      String volume =
          "0 %d linear %%1$s %d,%d %d linear %%1$s 2048"
              .formatted(
                  SEGMENT_MIB * 2048,
                  SEGMENT_AT_MIB * 2048,
                  SEGMENT_MIB * 2048,
                  (FILE_SYSTEM_MIB - SEGMENT_MIB) * 2048);
      return "dm-mod.waitfor="
          + disk
          + "2 dm-mod.create=\""
          + "plain,,0,rw,"
          + volume.formatted(disk + "1")
          + ";crypt,,1,rw,0 "
          + 1000 * 2048
          + " crypt aes-xts-plain64 "
          + KEY
          + " 0 "
          + disk
          + "2 0"
          + ";secret,,2,rw,"
          + volume.formatted("/dev/dm-1")
          + "\"";
    }

    /** Copies what there is of an empty file system to both, and makes files with gaps between. */
    private static void fill(Scenario scenario, Path fresh) throws Exception {
      String from = scenario.options().deviceOf("fresh");
      try (SparseFile data = SparseFile.open(fresh, Files.size(fresh))) {
        for (long at = data.nextData(0); at < Files.size(fresh); at = data.nextData(at)) {
          long end = data.nextHole(at);
          long block = at / 4096;
          long count = (end + 4095) / 4096 - block;
          for (String to : List.of("/dev/dm-0", "/dev/dm-2")) {
            check(
                scenario,
                "dd if=%s of=%s bs=4096 skip=%d seek=%d count=%d conv=notrunc 2>/dev/null"
                    .formatted(from, to, block, block, count));
          }
          at = end;
        }
      }
      check(scenario, MOUNT);
      check(
          scenario,
          "for to in plain secret; do for i in 1 2 3 4 5 6 7 8; do"
              + " fallocate -l 8M /mnt/$to/gap-$i; head -c 1M /dev/urandom >/mnt/$to/file-$i; sync;"
              + " done; rm /mnt/$to/gap-*; done; sync");
    }

    /** What e2fsck says of the volume that is not encrypted, if that is not clean. */
    private static String errors(Path disk, Path whole) throws Exception {
      copy(disk, whole, 1 + SEGMENT_AT_MIB, 0, SEGMENT_MIB);
      copy(disk, whole, 2, SEGMENT_MIB, FILE_SYSTEM_MIB - SEGMENT_MIB);
      HostCommand checked = HostCommand.run(List.of("/sbin/e2fsck", "-fn", whole.toString()));
      return checked.status() == 0 ? "" : checked.output();
    }

    private static void copy(Path disk, Path whole, int from, int to, int count) throws Exception {
      HostCommand.check(
          List.of(
              "dd",
              "if=" + disk,
              "of=" + whole,
              "bs=1M",
              "conv=notrunc",
              "skip=" + from,
              "seek=" + to,
              "count=" + count));
    }
  }
}
