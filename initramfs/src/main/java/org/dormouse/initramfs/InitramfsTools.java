package org.dormouse.initramfs;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;

/**
 * What an initramfs of Debian's initramfs-tools needs to wake a machine: files for the system on
 * which that is made, a hook and a boot script ({@code initramfs-tools(7)}).
 */
public final class InitramfsTools {
  private static final String BOOT_SCRIPTS = "usr/share/initramfs-tools/scripts/";

  /** The resource for each path. */
  private static final Map<String, String> FILES =
      Map.of(
          "usr/lib/dormouse/wake",
          "wake",
          "usr/share/initramfs-tools/hooks/dormouse",
          "initramfs-tools/hook",
          BOOT_SCRIPTS + "local-top/dormouse",
          "initramfs-tools/wake-early",
          BOOT_SCRIPTS + "local-premount/dormouse",
          "initramfs-tools/wake-early");

  private InitramfsTools() {}

  /**
   * Writes them.
   *
   * @param root the folder that is, or will be, the system's root
   */
  public static void writeTo(Path root) throws IOException {
    for (Map.Entry<String, String> each : FILES.entrySet()) {
      Path file = root.resolve(each.getKey());
      Files.createDirectories(file.getParent());
      try (InputStream in = InitramfsTools.class.getResourceAsStream(each.getValue())) {
        if (in == null) {
          throw new IOException("the file " + each.getValue() + " is missing in this program");
        }
        Files.copy(in, file);
      }
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
  }
}
