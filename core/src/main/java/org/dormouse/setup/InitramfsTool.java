package org.dormouse.setup;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What makes a system's own initramfs. */
public enum InitramfsTool {
  /** Debian's and Ubuntu's. */
  INITRAMFS_TOOLS("initramfs-tools", "usr/sbin/mkinitramfs", "update-initramfs -u -k all"),
  /** Fedora's. */
  DRACUT("dracut", "usr/bin/dracut", "dracut --force --regenerate-all"),
  /** Arch's. */
  MKINITCPIO("mkinitcpio", "usr/bin/mkinitcpio", "mkinitcpio --allpresets"),
  /** None that we know. */
  NONE("none", "", "");

  private final String title;
  private final String program;
  private final String command;

  InitramfsTool(String title, String program, String command) {
    this.title = title;
    this.program = program;
    this.command = command;
  }

  static InitramfsTool observe(Path root) {
    for (InitramfsTool tool : values()) {
      if (tool != NONE && Files.exists(root.resolve(tool.program))) {
        return tool;
      }
    }
    return NONE;
  }

  /** What people call it. */
  public String title() {
    return title;
  }

  /** What makes the initramfs of all kernels anew; no words if nothing does. */
  public List<String> command() {
    return this == NONE ? List.of() : List.of(command.split(" "));
  }
}
