package org.dormouse.lab.qemu;

import java.util.List;

/** How a machine's disks are attached, and so what its kernel calls them. */
public enum DiskBus {
  /** Paravirtual block devices: {@code /dev/vda}, {@code /dev/vdb} … */
  VIRTIO {
    @Override
    public String deviceName(int index) {
      return "/dev/vd" + letter(index);
    }

    @Override
    List<String> deviceArguments(int index, String drive, String serial) {
      return List.of("-device", "virtio-blk-pci,drive=" + drive + ",serial=" + serial);
    }
  },
  /** One NVMe controller for each disk: {@code /dev/nvme0n1}, {@code /dev/nvme1n1} … */
  NVME {
    @Override
    public String deviceName(int index) {
      return "/dev/nvme" + index + "n1";
    }

    @Override
    List<String> deviceArguments(int index, String drive, String serial) {
      return List.of("-device", "nvme,drive=" + drive + ",serial=" + serial);
    }
  },
  /** The ports of the AHCI controller that q35 has: {@code /dev/sda}, {@code /dev/sdb} … */
  AHCI {
    @Override
    public String deviceName(int index) {
      return "/dev/sd" + letter(index);
    }

    @Override
    List<String> deviceArguments(int index, String drive, String serial) {
      return List.of(
          "-device", "ide-hd,bus=ide." + index + ",drive=" + drive + ",serial=" + serial);
    }
  };

  /** The device file of the disk with this index, counted from 0. */
  public abstract String deviceName(int index);

  abstract List<String> deviceArguments(int index, String drive, String serial);

  private static char letter(int index) {
    if (index < 0 || index > 5) {
      throw new IllegalArgumentException("a machine has at most 6 disks, not number " + index);
    }
    return (char) ('a' + index);
  }
}
