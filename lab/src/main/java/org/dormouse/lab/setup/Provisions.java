package org.dormouse.lab.setup;

import java.nio.file.Path;
import org.dormouse.lab.guest.GuestSoftware;

/**
 * All that the lab's machines need, on this machine's disk.
 *
 * @param kernel original, saver and resume kernel in one
 * @param software the folder that becomes {@code /usr/lib/dormouse} in a guest
 * @param initramfs the one that every boot, and the saver, starts with
 * @param busybox statically linked
 */
public record Provisions(Kernel kernel, Path software, Path initramfs, Path busybox) {
  /** What a guest is made from. */
  public GuestSoftware guestSoftware() {
    return new GuestSoftware(kernel.image(), initramfs, initramfs, busybox, software);
  }
}
