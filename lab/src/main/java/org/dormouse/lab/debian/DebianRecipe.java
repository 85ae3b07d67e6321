package org.dormouse.lab.debian;

import java.util.Locale;

/**
 * Which Debian is wanted.
 *
 * @param kernel the machine's
 * @param loader what starts it
 * @param root how its root lies on the disk; only systemd-boot starts one that is encrypted
 */
public record DebianRecipe(DebianKernel kernel, BootLoader loader, RootDisk root) {
  public DebianRecipe {
    if (root == RootDisk.ENCRYPTED && loader == BootLoader.GRUB) {
      throw new IllegalArgumentException("GRUB would have to unlock the disk to read the kernel");
    }
  }

  /** What makes it another one than the others, for folders. */
  public String name() {
    String loaded = loader == BootLoader.GRUB ? "bios" : "uefi";
    String kind = root == RootDisk.PLAIN ? loaded : root.name().toLowerCase(Locale.ROOT);
    return kernel instanceof DebianKernel.Packaged ? "debian-packaged-" + kind : "debian-" + kind;
  }
}
