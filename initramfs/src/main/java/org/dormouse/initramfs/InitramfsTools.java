package org.dormouse.initramfs;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;

/**
 * What an initramfs that a system makes of itself needs to wake a machine: files for that system's
 * tool, Debian's initramfs-tools ({@code initramfs-tools(7)}), dracut ({@code dracut.modules(7)})
 * or mkinitcpio ({@code mkinitcpio(8)}).
 */
public final class InitramfsTools {
  private static final String BOOT_SCRIPTS = "usr/share/initramfs-tools/scripts/";

  private static final String INTO_INITRAMFS = "usr/lib/dormouse/into-initramfs";
  private static final String DRACUT = "usr/lib/dracut/modules.d/45dormouse/";
  private static final String MKINITCPIO = "usr/lib/initcpio/";

  /** The resource for each path. */
  private static final Map<String, String> FILES =
      Map.ofEntries(
          Map.entry("usr/lib/dormouse/wake", "wake"),
          Map.entry(INTO_INITRAMFS, "into-initramfs"),
          Map.entry("usr/share/initramfs-tools/hooks/dormouse", "initramfs-tools/hook"),
          Map.entry(BOOT_SCRIPTS + "local-top/dormouse", "initramfs-tools/wake-early"),
          Map.entry(BOOT_SCRIPTS + "local-premount/dormouse", "initramfs-tools/wake-early"),
          Map.entry(DRACUT + "module-setup.sh", "dracut/module-setup.sh"),
          Map.entry(DRACUT + "dormouse-wake.sh", "dracut/dormouse-wake.sh"),
          Map.entry(DRACUT + "dormouse-pre-mount.sh", "dracut/dormouse-pre-mount.sh"),
          Map.entry(DRACUT + "dormouse-wake.service", "dracut/dormouse-wake.service"),
          Map.entry(DRACUT + "dormouse-wake-late.service", "dracut/dormouse-wake-late.service"),
          Map.entry(MKINITCPIO + "install/dormouse", "mkinitcpio/install"),
          Map.entry(MKINITCPIO + "hooks/dormouse", "mkinitcpio/hook"));

  private static final String PROGRAM = "rwxr-xr-x";
  private static final String DATA = "rw-r--r--";

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
      Files.setPosixFilePermissions(
          file, PosixFilePermissions.fromString(isSourced(each.getKey()) ? DATA : PROGRAM));
    }
  }

  /** Whether nobody runs it by its name. */
  private static boolean isSourced(String path) {
    return path.endsWith(".service") || path.equals(INTO_INITRAMFS) || path.startsWith(MKINITCPIO);
  }
}
