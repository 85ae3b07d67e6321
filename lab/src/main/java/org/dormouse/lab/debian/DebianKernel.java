package org.dormouse.lab.debian;

import java.nio.file.Path;
import org.dormouse.lab.setup.Kernel;

/** The kernel of a Debian, and of its saver. */
public sealed interface DebianKernel {
  /** What {@code uname -r} prints. */
  String release();

  /** What of it goes into the key of a disk that was made with it: its files. */
  Path image();

  /** One of the lab's, without modules. */
  record Built(Kernel kernel) implements DebianKernel {
    @Override
    public String release() {
      return kernel.release();
    }

    @Override
    public Path image() {
      return kernel.image();
    }
  }

  /**
   * A package, as {@code dormouse kernel build} makes it, with modules.
   *
   * @param image the package's file
   * @param release the kernel's
   */
  record Packaged(Path image, String release) implements DebianKernel {}
}
