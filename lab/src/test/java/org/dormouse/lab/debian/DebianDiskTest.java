package org.dormouse.lab.debian;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DebianDiskTest {
  private static final long MIB = 1L << 20;

  @ParameterizedTest
  @EnumSource
  void partitionsFollowOneAnotherAndLeaveRoomForBothTables(DebianLayout layout) {
    DebianDisk disk = DebianDisk.of(layout);
    long end = MIB;
    for (Partition part : disk.partitions()) {
      assertThat(part.offset()).isEqualTo(end);
      assertThat(part.offset() % MIB).isZero();
      end += part.bytes();
    }
    assertThat(end).isEqualTo(disk.diskBytes() - MIB);
  }

  @ParameterizedTest
  @EnumSource
  void onlyAnEncryptedRootHasBootBesideIt(DebianLayout layout) {
    DebianDisk disk = DebianDisk.of(layout);
    String script = disk.sfdiskScript();
    assertThat(script).startsWith("label: gpt\n");
    List<String> lines = script.lines().filter(line -> line.startsWith("start=")).toList();
    assertThat(lines).hasSize(layout.isEncrypted() ? 3 : 2);
    assertThat(lines.getFirst())
        .contains(layout == DebianLayout.GRUB ? Partition.BIOS_BOOT : Partition.EFI_SYSTEM);
  }
}
