package org.dormouse.lab.setup;

import java.nio.file.Path;
import org.dormouse.lab.guest.GuestSoftware;

/**
 * All that the lab's machines need, on this machine's disk.
 *
 * @param kernel of the original system, of the saver and of every boot, in one
 * @param software the folder that becomes {@code /usr/lib/dormouse} in a guest
 * @param saverInitramfs what the saver kernel starts with
 * @param bootInitramfs what every boot starts with
 * @param busybox statically linked
 */
public record Provisions(
    Kernel kernel, Path software, Path saverInitramfs, Path bootInitramfs, Path busybox) {
  /** What a guest is made from. */
  public GuestSoftware guestSoftware() {
    return new GuestSoftware(kernel.image(), saverInitramfs, bootInitramfs, busybox, software);
  }
}
