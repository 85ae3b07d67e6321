package org.dormouse.initramfs;

import java.nio.file.Path;

/**
 * A file of this machine that an initramfs shall have too. If it is a dynamically linked program,
 * its libraries come along.
 *
 * @param source a regular file
 * @param target absolute path in the initramfs
 */
public record ExtraFile(Path source, String target) {
  public ExtraFile {
    if (!target.startsWith("/") || target.endsWith("/")) {
      throw new IllegalArgumentException("not an absolute path of a file: " + target);
    }
  }
}
