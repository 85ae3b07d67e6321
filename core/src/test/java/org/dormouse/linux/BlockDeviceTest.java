package org.dormouse.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlockDeviceTest {
  private static final String AHCI =
      "devices/pci0000:00/0000:00:1c.0/0000:02:00.0/ata3/host2/target2:0:0/2:0:0:0/block/sda";
  private static final String NVME = "devices/pci0000:00/0000:00:04.0/nvme/nvme0/nvme0n1";
  private static final String VIRTIO = "devices/pci0000:00/0000:00:05.0/virtio2/block/vda";

  @TempDir private Path folder;

  private void write(String path, String content) throws IOException {
    Path file = folder.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content + "\n");
  }

  private void device(String path, String number, long sectors) throws IOException {
    write(path + "/dev", number);
    write(path + "/size", Long.toString(sectors));
    Path entry = folder.resolve(path);
    Files.createDirectories(folder.resolve("class/block"));
    Files.createSymbolicLink(
        folder.resolve("class/block").resolve(entry.getFileName().toString()), entry);
  }

  @Test
  void readsWhatDisksSayOfThemselves() throws IOException {
    device(AHCI, "8:0", 2048);
    write(AHCI + "/device/wwid", "t10.ATA     QEMU HARDDISK                           QM00005");
    write(AHCI + "/device/vpd_pg80", "\0\u0080\0\u0004 QM00005");
    device(AHCI + "/sda2", "8:2", 1000);
    write(AHCI + "/sda2/partition", "2");
    write(AHCI + "/sda2/start", "40");
    device(NVME, "259:0", 4096);
    write(NVME + "/wwid", "nvme.1b36-64");
    write(NVME + "/device/serial", "deadbeef            ");
    device(VIRTIO, "254:0", 10);
    write(VIRTIO + "/serial", "");
    device("devices/virtual/block/loop0", "7:0", 0);

    List<BlockDevice> devices = BlockDevice.all(folder.resolve("class/block"));
    assertThat(devices)
        .extracting(BlockDevice::name)
        .containsExactly("sda", "sda2", "vda", "nvme0n1");
    BlockDevice partition = devices.get(1);
    assertThat(partition.number()).isEqualTo(new DeviceNumber(8, 2));
    assertThat(partition.place()).isEqualTo(new BlockDevice.Place("sda", 40 * 512, 1000 * 512));
    assertThat(partition.hardware()).isEqualTo(devices.get(0).hardware());
    assertThat(partition.hardware().wwid()).startsWith("t10.ATA").endsWith("QM00005");
    assertThat(partition.hardware().serial()).isEqualTo("QM00005");
    assertThat(partition.hardware().bus()).isEqualTo("0000:02:00.0");
    assertThat(partition.node()).isEqualTo(Path.of("/dev/sda2"));
    assertThat(devices.get(3).hardware())
        .isEqualTo(new BlockDevice.Hardware("nvme.1b36-64", "deadbeef", "0000:00:04.0"));
    assertThat(devices.get(2).hardware())
        .isEqualTo(new BlockDevice.Hardware("", "", "0000:00:05.0"));
  }

  @Test
  void readsWhatDevicesAreMadeOf() throws IOException {
    device(VIRTIO, "254:0", 10);
    device("devices/virtual/block/dm-0", "253:0", 8);
    Files.createDirectories(folder.resolve("devices/virtual/block/dm-0/slaves"));
    Files.createSymbolicLink(
        folder.resolve("devices/virtual/block/dm-0/slaves/vda"), folder.resolve(VIRTIO));
    List<BlockDevice> devices = BlockDevice.all(folder.resolve("class/block"));
    assertThat(devices.get(0).below()).containsExactly(new DeviceNumber(254, 0));
    assertThat(devices.get(1).below()).isEmpty();
  }

  @Test
  void readsMounts() throws IOException {
    List<Mount> mounts =
        Mount.parse(
            List.of(
                "22 27 0:21 / /proc rw,relatime shared:12 - proc proc rw",
                "27 1 254:1 / / rw,relatime shared:1 - ext4 /dev/root rw,discard",
                "28 27 0:35 /@home /home rw shared:2 master:1 - btrfs /dev/sda3 rw,subvol=/@home",
                "29 27 8:17 / /mnt/my\\040disk rw - vfat /dev/sdb1 rw"),
            name ->
                name.equals("/dev/sda3")
                    ? List.of(new DeviceNumber(8, 3), new DeviceNumber(8, 4))
                    : List.of());
    assertThat(mounts)
        .containsExactly(
            new Mount(new DeviceNumber(0, 21), "/proc", "proc", List.of()),
            new Mount(new DeviceNumber(254, 1), "/", "ext4", List.of(new DeviceNumber(254, 1))),
            new Mount(
                new DeviceNumber(0, 35),
                "/home",
                "btrfs",
                List.of(new DeviceNumber(8, 3), new DeviceNumber(8, 4))),
            new Mount(
                new DeviceNumber(8, 17), "/mnt/my disk", "vfat", List.of(new DeviceNumber(8, 17))));
    assertThatThrownBy(() -> Mount.parse(List.of("1 2 0:3 /"), name -> List.of()))
        .isInstanceOf(IOException.class);
  }

  @Test
  void readsSwapAreas() throws IOException {
    assertThat(
            SwapArea.parse(
                List.of(
                    "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority",
                    "/dev/dm-1                               partition\t999420\t\t0\t\t-2",
                    "/swap\\040file                           file\t\t2097148\t\t0\t\t-3"),
                path -> new DeviceNumber(253, 1)))
        .containsExactly(
            new SwapArea(
                Path.of("/dev/dm-1"), Optional.of(new DeviceNumber(253, 1)), 999420L << 10),
            new SwapArea(Path.of("/swap file"), Optional.empty(), 2097148L << 10));
  }

  @Property
  void deviceNumbersSurviveTheKernelsCoding(
      @ForAll @IntRange(max = 0xfff) int major, @ForAll @IntRange(max = 0xfffff) int minor) {
    DeviceNumber number = new DeviceNumber(major, minor);
    assertThat(DeviceNumber.ofNode(number.encoded())).isEqualTo(number);
    assertThat(DeviceNumber.parse(number.toString())).isEqualTo(number);
  }
}
