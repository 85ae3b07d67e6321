package org.dormouse.rebuild;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.dormouse.linux.LoadedModules;

/** The modules that this machine has in use, or has been told to load at its start. */
public final class RunningModules {
  private static final List<Path> FILES =
      List.of(Path.of("/etc/modules"), Path.of("/etc/initramfs-tools/modules"));

  /** {@code modules-load.d(5)}. */
  private static final List<Path> FOLDERS =
      List.of(Path.of("/etc/modules-load.d"), Path.of("/usr/lib/modules-load.d"));

  private RunningModules() {}

  /** Looks at this machine. */
  public static ModuleChoice observe() throws IOException {
    List<String> lines = new ArrayList<>(LoadedModules.read());
    for (Path file : FILES) {
      if (Files.isReadable(file)) {
        lines.addAll(Files.readAllLines(file));
      }
    }
    for (Path folder : FOLDERS) {
      if (Files.isDirectory(folder)) {
        try (Stream<Path> files = Files.list(folder)) {
          for (Path file : files.filter(each -> each.toString().endsWith(".conf")).toList()) {
            lines.addAll(Files.readAllLines(file));
          }
        }
      }
    }
    return ModuleChoice.named("those that are loaded now", lines);
  }
}
