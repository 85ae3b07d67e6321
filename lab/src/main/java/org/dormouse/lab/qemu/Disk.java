package org.dormouse.lab.qemu;

import java.nio.file.Path;

/**
 * A disk of a machine.
 *
 * @param file a raw file on the host; its length is the disk's size
 * @param serial what the guest reads as the serial number, at most 20 characters
 */
public record Disk(Path file, String serial) {
  public Disk {
    // VIRTIO_BLK_ID_BYTES, ATA and NVMe: 20 characters each.
    if (!serial.matches("[A-Za-z0-9-]{1,20}")) {
      throw new IllegalArgumentException("not a serial number: " + serial);
    }
  }
}
