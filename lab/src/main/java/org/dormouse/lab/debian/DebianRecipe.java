package org.dormouse.lab.debian;

import java.util.Locale;
import org.dormouse.lab.setup.Kernel;

/**
 * Which Debian is wanted.
 *
 * @param kernel the machine's
 * @param loader what starts it
 * @param root how its root lies on the disk; only systemd-boot starts one that is encrypted
 */
public record DebianRecipe(Kernel kernel, BootLoader loader, RootDisk root) {
  public DebianRecipe {
    if (root == RootDisk.ENCRYPTED && loader == BootLoader.GRUB) {
      throw new IllegalArgumentException("GRUB would have to unlock the disk to read the kernel");
    }
  }

  /** What it is kept under in the cache. */
  String shelf() {
    String loaded = loader == BootLoader.GRUB ? "bios" : "uefi";
    return "debian-" + (root == RootDisk.PLAIN ? loaded : root.name().toLowerCase(Locale.ROOT));
  }
}
