package org.dormouse.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.dormouse.linux.BlockDevice;
import org.dormouse.linux.DeviceNumber;
import org.dormouse.machine.Finding.Verdict;
import org.junit.jupiter.api.Test;

class StaleCheckTest {
  private static final int MIB = 1 << 20;

  private static DiskMachine machine() {
    DiskMachine machine = new DiskMachine();
    machine.disk("sda2", "8:2", MIB, 3 * MIB + 512);
    machine.bytes("sda2")[1080] = 0x53;
    machine.bytes("sda2")[1081] = (byte) 0xef;
    machine.mount("/", "ext4", "8:2");
    return machine;
  }

  /** A line may say anything with {@code %}, and a console obeys what it is told. */
  @Test
  void whatIsReadOfADiskIsToldWithoutControlCharacters() {
    String line = "name=%1b[2J kind=ext4 start=0 size=1 watched=0+1 digest=00000000000000aa";
    assertThat(
            StaleCheck.beforeWake(
                List.of(Fingerprint.parse(line)), List.of(new Sighting.Missing())))
        .allSatisfy(finding -> assertThat(finding.seen()).contains("[2J").doesNotContain("\u001b"));
    for (String wrong : List.of("size=%1b", "watched=%1b", "digest=%1b")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Fingerprint.parse(line + " " + wrong))
          .withMessageNotContaining("\u001b");
    }
  }

  @Test
  void untouchedDisksAreGood() {
    DiskMachine machine = machine();
    List<DiskUse> uses = machine.uses().uses();
    List<Fingerprint> recorded = machine.fingerprints(uses);
    machine.bytes("sda2")[2 * MIB] = 1;
    assertThat(StaleCheck.beforeSleep(uses, machine.look(uses)))
        .allMatch(finding -> finding.verdict() == Verdict.GOOD);
    assertThat(StaleCheck.beforeWake(recorded, machine.look(uses)))
        .singleElement()
        .matches(finding -> finding.verdict() == Verdict.GOOD);
  }

  @Test
  void aFileSystemThatWasMountedElsewhereIsNamed() {
    DiskMachine machine = machine();
    List<DiskUse> uses = machine.uses().uses();
    List<Fingerprint> recorded = machine.fingerprints(uses);
    machine.bytes("sda2")[1024 + 0x34]++; // s_mnt_count
    assertThat(StaleCheck.beforeWake(recorded, machine.look(uses)))
        .singleElement()
        .matches(finding -> finding.verdict() == Verdict.BAD)
        .extracting(Finding::seen)
        .isEqualTo("/dev/sda2, ext4, mounted on /: another system has written to it since");
  }

  @Test
  void whatHindersForGoodIsNamedBeforeWhatCouldBePutRight() {
    DiskMachine machine = machine();
    List<DiskUse> uses = machine.uses().uses();
    Fingerprint root = machine.fingerprints(uses).getFirst();
    machine.bytes("sda2")[1024 + 0x34]++; // s_mnt_count
    Sighting written = machine.look(uses).getFirst();
    assertThat(StaleCheck.beforeWake(List.of(root, root), List.of(new Sighting.Missing(), written)))
        .hasSize(2)
        .first()
        .extracting(Finding::seen)
        .asString()
        .endsWith("another system has written to it since");
  }

  @Test
  void aDiskOnAnotherControllerIsNotWhereTheSleepingKernelLooksForIt() {
    DiskMachine machine = machine();
    List<DiskUse> uses = machine.uses().uses();
    List<Fingerprint> recorded = machine.fingerprints(uses);
    BlockDevice disk = machine.devices.removeFirst();
    machine.devices.add(
        new BlockDevice(
            disk.number(),
            disk.name(),
            disk.place(),
            new BlockDevice.Hardware("", disk.hardware().serial(), "0000:00:06.0"),
            List.of()));
    assertThat(StaleCheck.beforeWake(recorded, machine.look(uses)))
        .singleElement()
        .matches(finding -> finding.verdict() == Verdict.BAD)
        .extracting(Finding::seen)
        .isEqualTo(
            "/dev/sda2, ext4, mounted on /: the disk has moved, from 0000:00:05.0 to 0000:00:06.0");
  }

  @Test
  void whatCannotBeSeenHindersSleepAndWake() {
    DiskMachine machine = machine();
    List<DiskUse> uses = machine.uses().uses();
    List<Fingerprint> recorded = machine.fingerprints(uses);
    BlockDevice disk = machine.devices.removeFirst();
    expectFault(uses, recorded, machine.look(uses), "the disk is not there");
    for (String name : List.of("sdx", "sdy")) {
      machine.devices.add(
          new BlockDevice(
              new DeviceNumber(8, name.charAt(2)), name, disk.place(), disk.hardware(), List.of()));
    }
    expectFault(uses, recorded, machine.look(uses), "several disks look like it (sdx, sdy)");
    machine.devices.removeLast();
    expectFault(uses, recorded, machine.look(uses), "the disk cannot be read: no medium");
  }

  private static void expectFault(
      List<DiskUse> uses, List<Fingerprint> recorded, List<Sighting> seen, String fault) {
    for (List<Finding> findings :
        List.of(StaleCheck.beforeSleep(uses, seen), StaleCheck.beforeWake(recorded, seen))) {
      assertThat(findings)
          .singleElement()
          .matches(finding -> finding.verdict() == Verdict.BAD)
          .matches(finding -> finding.seen().contains("mounted on /: " + fault));
    }
  }

  @Property(tries = 200)
  void anyWatchedByteCountsAndNoOther(
      @ForAll @IntRange(max = 3 * MIB - 1) int changed,
      @ForAll @IntRange(min = 1, max = 2 * MIB) int length,
      @ForAll @IntRange(max = MIB - 1) int start)
      throws Exception {
    DiskMachine machine = new DiskMachine();
    BlockDevice disk = machine.disk("sda2", "8:2", MIB, 3 * MIB);
    DiskUse use =
        new DiskUse(DiskIdentity.of(disk), "data", "", List.of(ByteRanges.of(start, length)));
    try (Disks.Reader reader = machine.open(disk)) {
      long before = Fingerprint.take(use, reader, DiskMachine::digest).digest();
      machine.bytes("sda2")[changed] = 1;
      long after = Fingerprint.take(use, reader, DiskMachine::digest).digest();
      assertThat(before != after).isEqualTo(start <= changed && changed < start + length);
    }
  }
}
