package org.dormouse.lab.guest;

import java.nio.file.Path;

/**
 * What a guest is made from.
 *
 * @param kernel a bzImage: of the original, of the saver and of every boot
 * @param saverInitramfs what the saver kernel unpacks; {@code /boot/dormouse-saver.img} in the
 *     guest
 * @param bootInitramfs what every boot starts with
 * @param busybox a static busybox
 * @param software the folder that becomes {@code /usr/lib/dormouse}: {@code runtime/bin/java},
 *     {@code lib/*.jar}, {@code bin/dormouse}
 */
public record GuestSoftware(
    Path kernel, Path saverInitramfs, Path bootInitramfs, Path busybox, Path software) {
  /** The same with another kernel. */
  public GuestSoftware withKernel(Path other) {
    return new GuestSoftware(other, saverInitramfs, bootInitramfs, busybox, software);
  }

  /** The same, started by another initramfs. */
  public GuestSoftware withBootInitramfs(Path other) {
    return new GuestSoftware(kernel, saverInitramfs, other, busybox, software);
  }
}
