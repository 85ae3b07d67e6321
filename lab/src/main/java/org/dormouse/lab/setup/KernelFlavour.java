package org.dormouse.lab.setup;

/** The kernels that the lab builds. */
enum KernelFlavour {
  /**
   * Of the lab's machines: original, saver and resume kernel in one. A build was measured to take
   * 1.1 GiB: 841 MiB of source, the rest compiled; and some room.
   */
  MACHINES("kernel", "linux-source-6.12", 1536),
  /**
   * With debug information, for the test of what debuggers make of our files: 6.1, for Debian 12's
   * crash does not open 6.4 and later.
   */
  DEBUG("debug-kernel", "linux-source-6.1", 3072);

  private final String shelf;
  private final String source;
  private final int mib;

  KernelFlavour(String shelf, String source, int mib) {
    this.shelf = shelf;
    this.source = source;
    this.mib = mib;
  }

  /** What it is kept under in the cache. */
  String shelf() {
    return shelf;
  }

  /** The Debian package of its source. */
  String source() {
    return source;
  }

  /** The space that a build needs while it runs, in bytes. */
  long buildBytes() {
    return (long) mib << 20;
  }

  /** What its configuration is to be. */
  KernelFragment fragment() {
    KernelFragment machines = KernelFragment.named("kernel.config");
    return switch (this) {
      case MACHINES -> machines;
      case DEBUG -> machines.with(KernelFragment.named("debug.config"));
    };
  }
}
