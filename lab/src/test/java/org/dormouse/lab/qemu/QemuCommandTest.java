package org.dormouse.lab.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QemuCommandTest {
  private static final MachineFiles FILES =
      new MachineFiles(
          Path.of("/run/shell.sock"), Path.of("/run/monitor.sock"), Path.of("/run/variables.fd"));

  private static final MachineOptions TWO_DISKS =
      MachineOptions.booting(Path.of("/k/bzImage"))
          .withDisk(new Disk(Path.of("/d/root.img"), "root"))
          .withDisk(new Disk(Path.of("/d/image.img"), "image"));

  private static List<String> command(MachineOptions options) {
    return QemuCommand.of(options, FILES);
  }

  @Test
  void theWholeCommand() {
    MachineOptions options =
        TWO_DISKS
            .withMemoryBytes(3L << 30)
            .withCpus(4)
            .withCpuModel("max,la57=off")
            .withInitramfs(Path.of("/i/initrd"))
            .withAppend("console=ttyS0 root=/dev/vda");
    assertThat(String.join(" ", command(options)))
        .isEqualTo(
            "qemu-system-x86_64 -nodefaults -no-user-config -M q35 -accel tcg,thread=multi"
                + " -cpu max,la57=off,erms=off -smp 4 -m 3072M -no-reboot -display none -vga none"
                + " -rtc base=utc -device virtio-rng-pci"
                + " -chardev stdio,id=console,signal=off -serial chardev:console"
                + " -chardev socket,id=shell,server=on,wait=off,path=/run/shell.sock"
                + " -serial chardev:shell"
                + " -chardev socket,id=monitor,server=on,wait=off,path=/run/monitor.sock"
                + " -mon chardev=monitor,mode=control"
                + " -drive if=none,id=disk0,format=raw,cache=unsafe,file=/d/root.img"
                + " -device virtio-blk-pci,drive=disk0,serial=root"
                + " -drive if=none,id=disk1,format=raw,cache=unsafe,file=/d/image.img"
                + " -device virtio-blk-pci,drive=disk1,serial=image"
                + " -kernel /k/bzImage -initrd /i/initrd -append console=ttyS0 root=/dev/vda");
  }

  @ParameterizedTest
  @CsvSource({
    "VIRTIO, /dev/vdb, 'virtio-blk-pci,drive=disk1,serial=image'",
    "NVME, /dev/nvme1n1, 'nvme,drive=disk1,serial=image'",
    "AHCI, /dev/sdb, 'ide-hd,bus=ide.1,drive=disk1,serial=image'",
    "USB, /dev/sdb, 'usb-storage,bus=usb.0,drive=disk1,serial=image'",
    "SD, /dev/mmcblk1, 'sd-card,drive=disk1'"
  })
  void theSecondDiskOnEachBus(DiskBus bus, String device, String argument) {
    MachineOptions options = TWO_DISKS.withDiskBus(bus);
    assertThat(options.deviceOf("image")).isEqualTo(device);
    assertThat(command(options)).containsSequence("-device", argument);
  }

  @Test
  void aCardIsAPowerOfTwo() {
    assertThat(DiskBus.SD.diskBytes(3L << 20)).isEqualTo(4L << 20);
    assertThat(DiskBus.SD.diskBytes(4L << 20)).isEqualTo(4L << 20);
    assertThat(DiskBus.USB.diskBytes(3L << 20)).isEqualTo(3L << 20);
  }

  @Test
  void memoryAndCpusInTwoNodes() {
    assertThat(command(TWO_DISKS.withCpus(4).withMemoryNodes(2)))
        .containsSequence("-numa", "node,nodeid=0,memdev=memory0,cpus=0-1")
        .containsSequence("-numa", "node,nodeid=1,memdev=memory1,cpus=2-3");
    assertThat(command(TWO_DISKS)).doesNotContain("-numa");
  }

  @Test
  void withoutAnInitramfsThereIsNoSuchArgument() {
    assertThat(command(TWO_DISKS)).doesNotContain("-initrd");
  }

  @Test
  void aCommaInAFileNameIsDoubled() {
    Disk disk = new Disk(Path.of("/d/a,b.img"), "x");
    assertThat(command(MachineOptions.booting(Path.of("k")).withDisk(disk)))
        .anyMatch(word -> word.endsWith(",file=/d/a,,b.img"));
  }

  @Test
  void uefiHasSharedCodeAndVariablesOfItsOwn() {
    assertThat(command(TWO_DISKS.withFirmware(Firmware.UEFI)))
        .containsSequence(
            "-drive",
            "if=pflash,unit=0,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd",
            "-drive",
            "if=pflash,unit=1,format=raw,file=/run/variables.fd");
  }

  @Test
  void aResetEndsQemuUnlessTheMachineIsToReboot() {
    assertThat(command(TWO_DISKS)).contains("-no-reboot");
    assertThat(command(TWO_DISKS.withReset(Reset.REBOOTS))).doesNotContain("-no-reboot");
  }

  @Test
  void moreDevices() {
    assertThat(command(TWO_DISKS.withDevice("i6300esb")))
        .containsSequence("-device", "i6300esb", "-kernel");
  }

  @Test
  void aLateDiskIsPluggedInLater() {
    Disk late = new Disk(Path.of("/d/late.img"), "late");
    MachineOptions options = TWO_DISKS.withLateDisk(late);
    assertThat(command(options))
        .containsSequence(
            "-device",
            "virtio-scsi-pci,id=late",
            "-drive",
            "if=none,id=late0,format=raw,cache=unsafe,file=/d/late.img")
        .noneMatch(word -> word.startsWith("scsi-hd"));
    assertThat(QemuCommand.lateDevice(options, late))
        .containsOnly(
            entry("driver", "scsi-hd"),
            entry("bus", "late.0"),
            entry("drive", "late0"),
            entry("id", "late0-disk"),
            entry("serial", "late"));
    assertThat(options.deviceOf("late")).isEqualTo("/dev/sda");
    assertThat(options.withDiskBus(DiskBus.AHCI).deviceOf("late")).isEqualTo("/dev/sdc");
  }

  @Test
  void disksInAnotherOrderHaveOtherNames() {
    MachineOptions moved = TWO_DISKS.withDisks(TWO_DISKS.disks().reversed());
    assertThat(moved.deviceOf("image")).isEqualTo("/dev/vda");
    assertThat(moved.deviceOf("root")).isEqualTo("/dev/vdb");
  }

  @Test
  void anotherBootEntryForOnePowerOn() {
    BootEntry entry = new BootEntry(Path.of("/d/kernel"), Optional.of(Path.of("/d/initrd")), "a=b");
    assertThat(command(TWO_DISKS.withBoot(entry)))
        .containsSequence("-kernel", "/d/kernel", "-initrd", "/d/initrd", "-append", "a=b");
  }

  @Test
  void aMachineThatBootsFromItsDisksIsGivenNoKernel() {
    MachineOptions options =
        MachineOptions.bootingFromDisks().withDisk(new Disk(Path.of("/d/root.img"), "root"));
    assertThat(command(options)).doesNotContain("-kernel", "-initrd", "-append");
    assertThatThrownBy(() -> options.withAppend("quiet")).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void machineAndNetworkAreTheTwoEndsOfACable() {
    Cable cable = new Cable("virtio-net-pci", Path.of("/r/machine"), Path.of("/r/network"));
    assertThat(command(TWO_DISKS.withCable(cable)))
        .containsSequence(
            "-netdev",
            "dgram,id=cable,local.type=unix,local.path=/r/machine,"
                + "remote.type=unix,remote.path=/r/network",
            "-device",
            "virtio-net-pci,netdev=cable,romfile=");
    assertThat(QemuCommand.ofNetwork(cable, Map.of(4001, 22, 4002, 80)))
        .containsSequence("-M", "none")
        .containsSequence(
            "-netdev",
            "user,id=host,hostfwd=tcp:127.0.0.1:4001-:22,hostfwd=tcp:127.0.0.1:4002-:80",
            "-netdev",
            "hubport,id=hostport,hubid=0,netdev=host",
            "-netdev",
            "dgram,id=cable,local.type=unix,local.path=/r/network,"
                + "remote.type=unix,remote.path=/r/machine");
  }

  @Test
  void kvmIsNamed() {
    assertThat(command(TWO_DISKS.withAccelerator(Accelerator.KVM)))
        .containsSequence("-accel", "kvm");
  }

  @Property(tries = 50)
  void memoryIsGivenInMebibytes(@ForAll @IntRange(min = 1, max = 1 << 20) int mebibytes) {
    assertThat(command(TWO_DISKS.withMemoryBytes((long) mebibytes << 20)))
        .containsSequence("-m", mebibytes + "M");
  }

  @Test
  void memoryThatQemuWouldRoundIsRefused() {
    assertThatThrownBy(() -> TWO_DISKS.withMemoryBytes((1 << 20) + 1))
        .hasMessageContaining("1048577");
  }

  @Test
  void theCommandCanBePastedIntoAShell() {
    assertThat(QemuCommand.asShellCommand(List.of("qemu", "-append", "a=b c", "it's")))
        .isEqualTo("qemu -append 'a=b c' 'it'\\''s'");
  }
}
