package org.dormouse.lab.debian;

/** How a machine's root lies on its disk. */
public enum RootDisk {
  /** ext4 in a partition. */
  PLAIN,
  /** ext4 below LUKS2, which the initramfs unlocks by a passphrase. */
  ENCRYPTED
}
