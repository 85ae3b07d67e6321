package org.dormouse.lab.debian;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DebianDiskTest {
  private static final long MIB = 1L << 20;

  @ParameterizedTest
  @EnumSource
  void partitionsFollowOneAnotherAndLeaveRoomForBothTables(BootLoader loader) {
    DebianDisk layout = DebianDisk.of(loader);
    assertThat(layout.boot().offset()).isEqualTo(MIB);
    assertThat(layout.root().offset()).isEqualTo(layout.boot().offset() + layout.boot().bytes());
    assertThat(layout.root().offset() + layout.root().bytes()).isEqualTo(layout.diskBytes() - MIB);
    assertThat(layout.root().offset() % MIB).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void thereIsNoOtherPartition(BootLoader loader) {
    String script = DebianDisk.of(loader).sfdiskScript();
    assertThat(script).startsWith("label: gpt\n");
    assertThat(script.lines().filter(line -> line.startsWith("start="))).hasSize(2);
    assertThat(script)
        .contains(loader == BootLoader.GRUB ? Partition.BIOS_BOOT : Partition.EFI_SYSTEM);
  }
}
