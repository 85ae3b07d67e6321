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
  },
  /** Mass storage on a USB 3 controller: {@code /dev/sda}, {@code /dev/sdb} … */
  USB {
    @Override
    public String deviceName(int index) {
      return AHCI.deviceName(index);
    }

    @Override
    List<String> controllerArguments() {
      return List.of("-device", "qemu-xhci,id=usb");
    }

    @Override
    List<String> deviceArguments(int index, String drive, String serial) {
      return List.of("-device", "usb-storage,bus=usb.0,drive=" + drive + ",serial=" + serial);
    }
  },
  /** SD cards, each in a reader of its own: {@code /dev/mmcblk0}, {@code /dev/mmcblk1} … */
  SD {
    @Override
    public String deviceName(int index) {
      return "/dev/mmcblk" + index;
    }

    /** QEMU's cards tell no serial number of the user's. */
    @Override
    List<String> deviceArguments(int index, String drive, String serial) {
      return List.of("-device", "sdhci-pci,id=reader" + index, "-device", "sd-card,drive=" + drive);
    }

    /** A power of two: QEMU has no other cards. */
    @Override
    public long diskBytes(long bytes) {
      return Math.max(1, Long.highestOneBit(bytes - 1) << 1);
    }
  };

  /** The device file of the disk with this index, counted from 0. */
  public abstract String deviceName(int index);

  abstract List<String> deviceArguments(int index, String drive, String serial);

  /** What all the disks are attached to, if the board has no such thing. */
  List<String> controllerArguments() {
    return List.of();
  }

  /** How large a disk for at least so many bytes is. */
  public long diskBytes(long bytes) {
    return bytes;
  }

  private static char letter(int index) {
    if (index < 0 || index > 5) {
      throw new IllegalArgumentException("a machine has at most 6 disks, not number " + index);
    }
    return (char) ('a' + index);
  }
}
