package org.dormouse.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dormouse.rebuild.ModuleChoice;
import org.dormouse.rebuild.RunningModules;
import picocli.CommandLine.Option;

/** Which modules a kernel is built with. */
final class ModuleOption {
  @Option(
      names = "--modules",
      paramLabel = "WHICH",
      defaultValue = "all",
      description = {
        "all: every one that the distribution has (the default; takes hours).",
        "running: those that are loaded now, that /etc/modules, modules-load.d and"
            + " /etc/initramfs-tools/modules name, and a few that every machine should have"
            + " (USB sticks and keyboards, FAT, encryption); hardware that is plugged in later may"
            + " find no driver.",
        "or a file that names them, one a line, as lsmod prints them."
      })
  private String which;

  /** What was chosen. */
  ModuleChoice choice() throws IOException {
    return switch (which) {
      case "all" -> new ModuleChoice.All();
      case "running" -> RunningModules.observe();
      default -> ModuleChoice.named("in " + which, Files.readAllLines(Path.of(which)));
    };
  }
}
