package org.dormouse.lab.qemu;

/** What runs the guest's instructions. */
public enum Accelerator {
  /** QEMU's translator, one host thread for each virtual CPU. Works everywhere. */
  TCG("tcg,thread=multi"),
  /** The host's processor, through {@code /dev/kvm}. */
  KVM("kvm");

  private final String argument;

  Accelerator(String argument) {
    this.argument = argument;
  }

  String argument() {
    return argument;
  }
}
