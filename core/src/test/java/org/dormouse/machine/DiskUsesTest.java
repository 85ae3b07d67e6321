package org.dormouse.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.dormouse.linux.BlockDevice;
import org.dormouse.linux.DeviceMapper.Kind;
import org.dormouse.linux.DeviceNumber;
import org.dormouse.linux.SwapArea;
import org.dormouse.machine.DiskIdentity.Match;
import org.dormouse.machine.Finding.Verdict;
import org.junit.jupiter.api.Test;

class DiskUsesTest {
  private static final int MIB = 1 << 20;

  private final DiskMachine machine = new DiskMachine();

  private void ext(String device) {
    machine.bytes(device)[1080] = 0x53;
    machine.bytes(device)[1081] = (byte) 0xef;
  }

  private void text(String device, int offset, String text) {
    for (int i = 0; i < text.length(); i++) {
      machine.bytes(device)[offset + i] = (byte) text.charAt(i);
    }
  }

  private List<String> described() {
    return machine.uses().uses().stream()
        .map(use -> use.described() + " " + ByteRanges.text(use.watched()))
        .toList();
  }

  @Test
  void aPartitionAndASwapArea() {
    machine.disk("sda", "8:0", 0, 4 * MIB);
    machine.disk("sda1", "8:1", MIB, 2 * MIB);
    machine.disk("sda2", "8:2", 3 * MIB, MIB / 2);
    machine.disk("sdb", "8:16", 0, MIB);
    ext("sda1");
    text("sda2", 4086, "SWAPSPACE2");
    machine.mount("/", "ext4", "8:1");
    machine.mount("/var/snap", "ext4", "8:1");
    machine.swaps.add(
        new SwapArea(Path.of("/dev/sda2"), Optional.of(new DeviceNumber(8, 2)), MIB / 2));
    machine.swaps.add(new SwapArea(Path.of("/swapfile"), Optional.empty(), MIB));
    assertThat(described())
        .containsExactly(
            "/dev/sda1, ext4, mounted on /, /var/snap 1024+1024",
            "/dev/sda2, swap 0+4096,4096+4096*127/4096");
    assertThat(machine.uses().finding().verdict()).isEqualTo(Verdict.GOOD);
  }

  /** Root and swap in LVM, in LUKS, on a partition: as installers make it. */
  @Test
  void volumesInAnEncryptedPartition() {
    machine.disk("vda3", "254:3", MIB, 40 * MIB);
    text("vda3", 0, "LUKS\u00ba\u00be");
    machine.made("dm-0", "253:0", 24 * MIB, "254:3");
    text("dm-0", 512, "LABELONE");
    machine.table("253:0", DiskMachine.target(0, 24 * MIB, Kind.ENCRYPTED, "254:3", 16 * MIB));
    machine.made("dm-1", "253:1", 8 * MIB, "253:0");
    machine.table(
        "253:1",
        DiskMachine.target(0, 4 * MIB, Kind.PLAIN, "253:0", MIB),
        DiskMachine.target(4 * MIB, 4 * MIB, Kind.PLAIN, "253:0", 12 * MIB));
    ext("dm-1");
    machine.mount("/", "ext4", "253:1");
    assertThat(described())
        .containsExactly(
            "/dev/vda3, ext4, mounted on / " + (17 * MIB + 1024) + "+1024",
            "/dev/vda3, LVM2_member, below / " + 16 * MIB + "+" + MIB,
            "/dev/vda3, crypto_LUKS, below / 0+65536");
  }

  @Test
  void aLogOfXfsIsFollowedOverTwoPieces() {
    machine.disk("vda", "254:0", 0, 64 * MIB);
    machine.made("dm-0", "253:0", 32 * MIB, "254:0");
    machine.table(
        "253:0",
        DiskMachine.target(0, 16 * MIB, Kind.PLAIN, "254:0", 40 * MIB),
        DiskMachine.target(16 * MIB, 16 * MIB, Kind.PLAIN, "254:0", MIB));
    SuperblockTest.xfs(machine.bytes("dm-0"), 2, 8 * MIB / 4096, 8 * MIB / 4096 - 256, 512);
    machine.mount("/srv", "xfs", "253:0");
    assertThat(described().getFirst())
        .isEqualTo(
            "/dev/vda, xfs, mounted on /srv "
                + 40 * MIB
                + "+4096,"
                + (56 * MIB - MIB)
                + "+"
                + MIB
                + ","
                + MIB
                + "+"
                + MIB);
  }

  @Test
  void aFileSystemOfSeveralDisks() {
    for (String name : List.of("vda", "vdb")) {
      machine.disk(name, name.equals("vda") ? "254:0" : "254:16", 0, 80 * MIB);
      text(name, 0x10040, "_BHRfS_M");
    }
    machine.mount("/", "btrfs", "254:0", "254:16");
    machine.mount("/home", "btrfs", "254:0", "254:16");
    assertThat(described())
        .containsExactly(
            "/dev/vda, btrfs, mounted on /, /home 65536+4096,67108864+4096",
            "/dev/vdb, btrfs, mounted on /, /home 65536+4096,67108864+4096");
  }

  @Test
  void membersOfAnArrayAreWatchedWhereItsSuperblocksMayBe() {
    machine.disk("sda", "8:0", 0, MIB);
    machine.disk("sdb", "8:16", 0, MIB);
    machine.made("md0", "9:0", MIB / 2, "8:0", "8:16");
    machine.mount("/", "ext4", "9:0");
    DiskUses uses = machine.uses();
    assertThat(uses.unwatched()).containsExactly("/dev/md0, ext4, mounted on /");
    assertThat(uses.finding().verdict()).isEqualTo(Verdict.WARNING);
    assertThat(described())
        .containsExactly(
            "/dev/sda, data, below / 0+65536,983040+4096,1040384+4096",
            "/dev/sdb, data, below / 0+65536,983040+4096,1040384+4096");
  }

  @Test
  void aPartitionOfAnArrayIsMadeOfTheArraysMembers() {
    machine.disk("sda", "8:0", 0, MIB);
    machine.made("dm-0", "253:0", MIB, "8:0");
    machine.table("253:0", DiskMachine.target(0, MIB, Kind.PLAIN, "8:0", 0));
    machine.add(
        new BlockDevice(
            new DeviceNumber(259, 1),
            "dm-0p1",
            new BlockDevice.Place("dm-0", MIB / 2, MIB / 4),
            new BlockDevice.Hardware("", "", ""),
            List.of(new DeviceNumber(8, 0))));
    ext("dm-0p1");
    machine.mount("/", "ext4", "259:1");
    assertThat(described().getFirst())
        .isEqualTo("/dev/sda, ext4, mounted on / " + (MIB / 2 + 1024) + "+1024");
  }

  @Test
  void whatLiesInMemoryIsNoDiskAndWhatLiesElsewhereIsTold() {
    machine.made("loop0", "7:0", MIB);
    machine.made("zram0", "252:0", MIB);
    machine.disk("nbd0", "43:0", 0, MIB);
    machine.mount("/snap", "squashfs", "7:0");
    machine.mount("/far", "ext4", "43:0");
    machine.mount("/tank", "zfs");
    machine.mount("/proc", "proc");
    machine.swaps.add(
        new SwapArea(Path.of("/dev/zram0"), Optional.of(new DeviceNumber(252, 0)), MIB));
    DiskUses uses = machine.uses();
    assertThat(uses.uses()).isEmpty();
    assertThat(uses.unwatched())
        .containsExactly("zfs, mounted on /tank", "/dev/nbd0, mounted on /far");
  }

  @Test
  void usesAndFingerprintsSurviveBeingText() {
    DiskUse use =
        new DiskUse(
            new DiskIdentity(
                "t10.ATA  QEMU=1%", "s\u00e9rie", 4096, 1 << 30, "0000:00:1f.2", "sda1"),
            "ext4",
            "mounted on /mnt/a b\n",
            List.of(ByteRanges.of(1024, 1024), new ByteRanges(8192, 4096, 65536, 9)));
    assertThat(DiskUse.parse(use.text())).isEqualTo(use);
    assertThat(use.text()).doesNotContain("\n").contains(" watched=1024+1024,8192+4096*9/65536");
    Fingerprint fingerprint = new Fingerprint(use, -5);
    assertThat(Fingerprint.parse(fingerprint.text())).isEqualTo(fingerprint);
    DiskUse bare = new DiskUse(new DiskIdentity("", "", 0, 1, "", "x"), "swap", "", List.of());
    assertThat(DiskUse.parse(bare.text())).isEqualTo(bare);
  }

  @Test
  void aDiskIsKnownAgainByWhatItSaysNotByItsName() {
    BlockDevice first = machine.disk("sda", "8:0", 0, MIB);
    BlockDevice second = machine.disk("sdb", "8:16", 0, MIB);
    DiskIdentity identity = DiskIdentity.of(first);
    assertThat(identity.findAmong(machine.devices)).isEqualTo(new Match.Found(first));
    BlockDevice renamed =
        new BlockDevice(new DeviceNumber(8, 32), "sdc", first.place(), first.hardware(), List.of());
    assertThat(identity.findAmong(List.of(second, renamed))).isEqualTo(new Match.Found(renamed));
    assertThat(identity.findAmong(List.of(second))).isEqualTo(new Match.Missing());
  }

  @Test
  void betweenDisksThatSayNothingBusAndNameDecide() {
    BlockDevice first = silent("vda", "0000:00:05.0");
    BlockDevice second = silent("vdb", "0000:00:06.0");
    DiskIdentity identity = DiskIdentity.of(second);
    assertThat(identity.findAmong(List.of(first, second))).isEqualTo(new Match.Found(second));
    BlockDevice swapped = silent("vda", "0000:00:06.0");
    assertThat(identity.findAmong(List.of(swapped, silent("vdb", "0000:00:05.0"))))
        .isEqualTo(new Match.Found(swapped));
    List<BlockDevice> strangers = List.of(silent("vdc", "1"), silent("vdd", "2"));
    assertThat(identity.findAmong(strangers)).isEqualTo(new Match.Ambiguous(strangers));
  }

  private static BlockDevice silent(String name, String bus) {
    return new BlockDevice(
        new DeviceNumber(254, name.charAt(2)),
        name,
        new BlockDevice.Place(name, 0, MIB),
        new BlockDevice.Hardware("", "", bus),
        List.of());
  }

  /** For other kernels: all that is mounted, swapped on or open, down to the disks. */
  @Test
  void whatIsInUseIsFoundAlsoWhereNothingIsMountedYet() {
    machine.disk("sda", "8:0", 0, 4 * MIB);
    machine.disk("sda1", "8:1", MIB, 2 * MIB);
    machine.disk("sdb", "8:16", 0, MIB);
    machine.disk("sdc", "8:32", 0, MIB);
    machine.made("dm-0", "253:0", MIB, "8:16");
    machine.mount("/", "ext4", "8:1");
    assertThat(DisksInUse.of(machine.facts()).stream().map(DiskUse::described))
        .containsExactly("/dev/sda1, ext4, mounted on /", "/dev/sdb, data, below /dev/dm-0");
  }

  @Test
  void theSameDiskIsKnownInAnotherKernel() {
    DiskIdentity one = new DiskIdentity("", "serial", 0, MIB, "0000:00:05.0", "vda");
    assertThat(one.isSame(new DiskIdentity("", "serial", 0, MIB, "0000:00:06.0", "vdb"))).isTrue();
    assertThat(one.isSame(new DiskIdentity("", "serial", MIB, MIB, "0000:00:05.0", "vda")))
        .isFalse();
    DiskIdentity nameless = new DiskIdentity("", "", 0, MIB, "0000:00:05.0", "vda");
    assertThat(nameless.isSame(new DiskIdentity("", "", 0, MIB, "0000:00:06.0", "vda"))).isFalse();
    assertThat(nameless.isSame(new DiskIdentity("", "", 0, MIB, "0000:00:05.0", "vdb"))).isTrue();
  }
}
