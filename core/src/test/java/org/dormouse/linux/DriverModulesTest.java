package org.dormouse.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trees laid out as sysfs lays out disks, in a temporary folder. */
class DriverModulesTest {
  @TempDir Path sysfs;

  private Path device(String path) throws IOException {
    return Files.createDirectories(sysfs.resolve("devices").resolve(path));
  }

  /** Binds a driver that is a module to a device. */
  private void drive(String path, String driver, String module) throws IOException {
    Path at = Files.createDirectories(sysfs.resolve("bus/any/drivers").resolve(driver));
    Path in = Files.createDirectories(sysfs.resolve("module").resolve(module));
    if (!Files.exists(at.resolve("module"))) {
      Files.createSymbolicLink(at.resolve("module"), in);
    }
    Files.createSymbolicLink(device(path).resolve("driver"), at);
  }

  private void number(String number, String path) throws IOException {
    Path folder = Files.createDirectories(sysfs.resolve("dev/block"));
    Files.createSymbolicLink(folder.resolve(number), device(path));
  }

  @Test
  void aPartitionOfASataDiskNeedsDiskControllerAndBus() throws Exception {
    String scsi = "pci0000:00/0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0";
    drive("pci0000:00/0000:00:1f.2", "ahci", "ahci");
    drive(scsi, "sd", "sd_mod");
    number("8:1", scsi + "/block/sda/sda1");
    Files.writeString(device(scsi + "/block/sda/sda1").resolve("partition"), "1");
    assertThat(DriverModules.below(sysfs, DeviceNumber.parse("8:1")))
        .containsExactly("ahci", "sd_mod");
  }

  @Test
  void aMappedDeviceNeedsWhatIsBelowIt() throws Exception {
    drive("pci0000:00/0000:00:04.0", "virtio-pci", "virtio_pci");
    drive("pci0000:00/0000:00:04.0/virtio1", "virtio_blk", "virtio_blk");
    String disk = "pci0000:00/0000:00:04.0/virtio1/block/vda";
    number("253:0", "virtual/block/dm-0");
    Path slaves = Files.createDirectories(device("virtual/block/dm-0").resolve("slaves"));
    Files.createSymbolicLink(slaves.resolve("vda"), device(disk));
    assertThat(DriverModules.below(sysfs, DeviceNumber.parse("253:0")))
        .containsExactly("virtio_blk", "virtio_pci");
  }

  @Test
  void anNvmeDiskWithSeveralPathsNeedsItsControllers() throws Exception {
    drive("pci0000:00/0000:00:05.0", "nvme", "nvme");
    Path subsystem = device("virtual/nvme-subsystem/nvme-subsys0");
    Files.createSymbolicLink(
        subsystem.resolve("nvme0"), device("pci0000:00/0000:00:05.0/nvme/nvme0"));
    number("259:0", "virtual/nvme-subsystem/nvme-subsys0/nvme0n1");
    assertThat(DriverModules.below(sysfs, DeviceNumber.parse("259:0"))).containsExactly("nvme");
  }

  @Test
  void driversThatAreBuiltInNeedNothing() throws Exception {
    Path at = Files.createDirectories(sysfs.resolve("bus/any/drivers/nvme"));
    Files.createSymbolicLink(device("pci0000:00/0000:00:05.0").resolve("driver"), at);
    number("259:0", "pci0000:00/0000:00:05.0/nvme/nvme0/nvme0n1");
    assertThat(DriverModules.below(sysfs, DeviceNumber.parse("259:0"))).isEmpty();
  }

  @Test
  void keyboardsAreToldFromOtherInput() throws Exception {
    drive("platform/i8042/serio0", "atkbd", "atkbd");
    drive("platform/i8042/serio1", "psmouse", "psmouse");
    Path inputs = Files.createDirectories(sysfs.resolve("class/input"));
    for (String[] each :
        new String[][] {
          {"serio0/input/input3", "402000000 3803078f800d001 feffffdfffefffff fffffffffffffffe"},
          {"serio1/input/input4", "70000 0 0 0 0"}
        }) {
      Path input = device("platform/i8042/" + each[0]);
      Files.createDirectories(input.resolve("capabilities"));
      Files.writeString(input.resolve("capabilities/key"), each[1] + "\n");
      Files.createSymbolicLink(inputs.resolve(input.getFileName().toString()), input);
    }
    assertThat(DriverModules.ofKeyboards(sysfs)).containsExactly("atkbd");
  }
}
