package org.dormouse.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The modules that the running kernel has loaded. */
public final class LoadedModules {
  private static final Path SOURCE = Path.of("/proc/modules");

  private LoadedModules() {}

  /** Their names; none if the kernel has no modules. */
  public static Set<String> read() throws IOException {
    try {
      return parse(Files.readAllLines(SOURCE));
    } catch (NoSuchFileException e) {
      return Set.of();
    }
  }

  /** The first word of each line is the name ({@code kernel/module/procfs.c}). */
  static Set<String> parse(List<String> lines) {
    return lines.stream()
        .map(line -> line.split(" ", 2)[0])
        .filter(name -> !name.isBlank())
        .collect(Collectors.toUnmodifiableSet());
  }
}
