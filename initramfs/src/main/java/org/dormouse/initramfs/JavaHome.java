package org.dormouse.initramfs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The folder of a JDK that has {@code jlink}. */
public record JavaHome(Path folder) {

  /**
   * The JDK in a folder.
   *
   * @throws IOException if there is no {@code bin/jlink}
   */
  public static JavaHome of(Path folder) throws IOException {
    JavaHome home = new JavaHome(folder.toAbsolutePath());
    if (!Files.isExecutable(home.jlink())) {
      throw new IOException(folder + " is no JDK with jlink: there is no " + home.jlink());
    }
    return home;
  }

  /** The JDK that runs this program. */
  public static JavaHome running() throws IOException {
    return of(Path.of(System.getProperty("java.home")));
  }

  Path jlink() {
    return folder.resolve("bin/jlink");
  }
}
