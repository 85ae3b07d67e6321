package org.dormouse.lab.setup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A kernel that was built.
 *
 * @param image the bzImage
 * @param systemMap addresses and names of its symbols, before they are moved by KASLR
 * @param elf vmlinux, for debuggers
 * @param config the full configuration
 * @param release what {@code uname -r} prints
 */
public record Kernel(Path image, Path systemMap, Path elf, Path config, String release) {
  static final String IMAGE = "bzImage";
  static final String SYSTEM_MAP = "System.map";
  static final String ELF = "vmlinux";
  static final String CONFIG = "config";
  static final String RELEASE = "release";

  static Kernel in(Path folder) throws SetupException {
    try {
      return new Kernel(
          folder.resolve(IMAGE),
          folder.resolve(SYSTEM_MAP),
          folder.resolve(ELF),
          folder.resolve(CONFIG),
          Files.readString(folder.resolve(RELEASE)).strip());
    } catch (IOException e) {
      throw new SetupException(
          "the kernel in the cache cannot be read: " + e.getMessage(),
          "Nothing has been changed.",
          "Delete " + folder + " and try again: it is then built anew.",
          e);
    }
  }
}
