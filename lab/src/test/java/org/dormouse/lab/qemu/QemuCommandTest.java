package org.dormouse.lab.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QemuCommandTest {
  private static final Path SOCKET = Path.of("/run/shell.sock");

  private static final MachineOptions TWO_DISKS =
      MachineOptions.booting(Path.of("/k/bzImage"))
          .withDisk(new Disk(Path.of("/d/root.img"), "root"))
          .withDisk(new Disk(Path.of("/d/image.img"), "image"));

  private static List<String> command(MachineOptions options) {
    return QemuCommand.of(options, SOCKET);
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
                + " -monitor none -rtc base=utc -device virtio-rng-pci"
                + " -chardev stdio,id=console,signal=off -serial chardev:console"
                + " -chardev socket,id=shell,server=on,wait=off,path=/run/shell.sock"
                + " -serial chardev:shell"
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
    "AHCI, /dev/sdb, 'ide-hd,bus=ide.1,drive=disk1,serial=image'"
  })
  void theSecondDiskOnEachBus(DiskBus bus, String device, String argument) {
    MachineOptions options = TWO_DISKS.withDiskBus(bus);
    assertThat(options.deviceOf("image")).isEqualTo(device);
    assertThat(command(options)).containsSequence("-device", argument);
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
