package org.dormouse.lab.qemu;

/** What a guest's reset, or a triple fault, does to its machine. */
public enum Reset {
  /** It ends QEMU, so that it is noticed. */
  ENDS_QEMU,
  /** The machine starts once more, as a real one does, with the same kernel. */
  REBOOTS
}
