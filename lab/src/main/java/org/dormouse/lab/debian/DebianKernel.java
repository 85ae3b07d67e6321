package org.dormouse.lab.debian;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.dormouse.lab.guest.HostCommand;
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
   * @param saver Dormouse's own saver kernel, which is tried beside it; empty if it is not
   */
  record Packaged(Path image, String release, Optional<Path> saver) implements DebianKernel {
    /**
     * Of a package's file.
     *
     * @throws IOException if it is none
     */
    public static Packaged of(Path image, Optional<Path> saver)
        throws IOException, InterruptedException {
      String name = HostCommand.check(List.of("dpkg-deb", "--field", image.toString(), "Package"));
      return new Packaged(image, name.substring("linux-image-".length()), saver);
    }
  }
}
